import type { SweepFlags } from '../sweep/planSweep.ts';
import { runSweep, type SweepParts } from '../sweep/sweep.ts';
import { EXIT, usageFailure } from './failure.ts';

const OWN = ['vary', 'out', 'seeds', 'jobs', 'title', 'json'];

function count(flags: Readonly<Record<string, unknown>>, name: string, most: number): number {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const flag = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  throw usageFailure(`${flag} must be a whole number from 1 to ${most}, not "${String(flags[name])}".`);
}

/** What a shell would need quoted, is. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

/** Reads the flags of `sweep`; settings of `serve` among them are passed on as they are. Throws a usage failure. */
export function sweepFlags(flags: Readonly<Record<string, unknown>>, args: readonly string[]): SweepFlags {
  const settings = Object.entries(flags).filter(([name]) => !OWN.includes(name));
  return {
    flags: Object.fromEntries(settings),
    vary: Array.isArray(flags['vary']) ? flags['vary'].map(String) : [],
    seeds: count(flags, 'seeds', 100),
    jobs: count(flags, 'jobs', 64),
    out: String(flags['out']),
    title: flags['title'] === undefined ? undefined : String(flags['title']),
    command: `npm start -- ${args
      .filter((arg) => arg !== '--json')
      .map(quoted)
      .join(' ')}`,
  };
}

/** Sweeps, and tells whoever started it: lines for a person, or one JSON object a line. */
export async function sweep(
  request: SweepFlags,
  parts: Omit<SweepParts, 'event'>,
  print: { readonly json: boolean; readonly line: (line: string) => void },
): Promise<number> {
  const percent = (share: number) => (100 * share).toFixed(1);
  await runSweep(request, {
    ...parts,
    event: (event) => {
      if (print.json) return print.line(JSON.stringify(event));
      if (event.event === 'swept')
        return print.line(`\n${event.sentence}\nTable, chart and rows are in ${event.out}`);
      const { levels, seed, result, untrained, pixels, done, total } = event;
      const words = Object.entries(levels).map(([name, level]) => `${name} ${level}`);
      print.line(
        [`${done} of ${total}`, ...words, `seed ${seed}`].join(' · ') +
          ` · probe ${percent(result.probe)} % (untrained ${percent(untrained.probe)}, raw pixels ${percent(pixels.probe)})` +
          ` · kNN ${percent(result.knn)} % · ${Math.round(result.seconds)} s`,
      );
    },
  });
  return EXIT.success;
}
