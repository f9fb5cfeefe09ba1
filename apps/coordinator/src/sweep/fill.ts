/** Fills the table of a sweep: hands the configurations that are missing out to the threads. */
import type { SweepOptions } from './sweepSettings.ts';
import { writeAtomically } from '../ingest/atomicFile.ts';
import type { Crew } from './crew.ts';
import type { Cell } from './factors.ts';
import type { Shares } from './messages.ts';
import type { Sweep } from './planSweep.ts';
import { sameCell, toCsv, type Row } from './table.ts';

export interface FillParts {
  /** A line for whoever waits. */
  readonly progress: (line: string) => void;
  /** A finished configuration. */
  readonly finished: (row: Row, done: number) => void;
}

export interface Filling {
  readonly sweep: Sweep;
  readonly crew: Crew;
  /** Rows of earlier starts, those of other levels and seeds among them. */
  readonly earlier: readonly Row[];
  readonly parts: FillParts;
  /** Where the data of a configuration lie. */
  dirOf(options: SweepOptions): string;
  readonly csv: string;
}

/** Hands the missing cells out to the threads; each row is on the disk before the next one begins. */
export async function fill({ sweep, crew, earlier, parts, csv, dirOf }: Filling): Promise<Row[]> {
  const { names, cells } = sweep;
  const find = (rows: readonly Row[], cell: Cell) => rows.find((row) => sameCell(names, row, cell));
  const rows = [...earlier];
  const waiting = cells.filter((cell) => !find(earlier, cell));
  const asked = () => cells.flatMap((cell) => find(rows, cell) ?? []);
  // What nobody asks for now was paid for all the same.
  const others = earlier.filter((row) => !cells.some((cell) => sameCell(names, cell, row)));
  const baselines = createBaselines(crew, dirOf);
  let writing = Promise.resolve();
  const work = async (i: number): Promise<void> => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      const row = await measure(cell, { sweep, crew, parts, i, baselines, dirOf });
      rows.push(row);
      writing = writing.then(() => writeAtomically(csv, toCsv(names, [...asked(), ...others])));
      await writing;
      parts.finished(row, asked().length);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: crew.size }, (_, i) => work(i)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return asked();
}

interface Measuring extends Pick<Filling, 'sweep' | 'crew' | 'parts' | 'dirOf'> {
  /** The thread that does it. */
  readonly i: number;
  readonly baselines: ReturnType<typeof createBaselines>;
}

async function measure(cell: Cell, { sweep, crew, parts, i, baselines, dirOf }: Measuring): Promise<Row> {
  const options = sweep.optionsOf(cell);
  const pixels = await baselines.pixels(i, options);
  const untrained = await baselines.untrained(i, options);
  const name = [...sweep.names.map((name) => `${name} ${cell.levels[name]}`), `seed ${cell.seed}`].join(
    ' · ',
  );
  let next = 0.1;
  const answer = await crew.ask(i, { type: 'run', dataDir: dirOf(options), options }, (samples) => {
    const share = samples / options.target.amount;
    if (share < next) return;
    next += 0.1;
    parts.progress(`${name} · ${Math.min(100, Math.round(100 * share))} %`);
  });
  if (answer.type !== 'ran') throw new Error(`sweep: expected a run, received ${answer.type}`);
  return { ...cell, result: answer.result, untrained, pixels };
}

/** The two baselines, each measured once: raw pixels of each data set, and the untrained encoder of each kind and seed. */
function createBaselines(crew: Crew, dirOf: Filling['dirOf']) {
  const known = new Map<string, Promise<Shares>>();
  // A thread may ask for what another one measures: it waits for that.
  const once = (name: string, ask: () => ReturnType<Crew['ask']>): Promise<Shares> => {
    const found = known.get(name) ?? ask().then(scoreIn);
    known.set(name, found);
    return found;
  };
  return {
    pixels: (i: number, options: SweepOptions) => {
      const dataDir = dirOf(options);
      return once(dataDir, () => crew.ask(i, { type: 'pixels', dataDir }));
    },
    untrained: (i: number, options: SweepOptions) => {
      const dataDir = dirOf(options);
      const { objective, preset, seed } = options;
      const name = [dataDir, objective, preset, seed].join(' ');
      return once(name, () => crew.ask(i, { type: 'untrained', dataDir, options }));
    },
  };
}

function scoreIn(answer: Awaited<ReturnType<Crew['ask']>>): Shares {
  if (answer.type === 'scored') return answer.score;
  throw new Error(`sweep: expected a score, received ${answer.type}`);
}
