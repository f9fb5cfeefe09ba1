import cliProgress from 'cli-progress';
import type { IngestProgress } from '../ingest/ingest.ts';

const PHASE_WORDS: Readonly<Record<IngestProgress['phase'], string>> = {
  look: 'looking through the data',
  read: 'reading pictures',
  write: 'writing shards',
};
const LINE_EVERY_MS = 5000;

export interface IngestReporter {
  update(progress: IngestProgress): void;
  stop(): void;
}

/** `murmur: reading pictures · 12,000 of 60,000`. */
export function ingestLine({ phase, done, total }: IngestProgress): string {
  const count = (n: number) => n.toLocaleString('en');
  return `murmur: ${PHASE_WORDS[phase]} · ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`;
}

/** A line at most every five seconds, for logs and pipes. */
export function lineReporter(write: (text: string) => void, now: () => number): IngestReporter {
  let next = now() + LINE_EVERY_MS;
  return {
    update: (progress) => {
      if (now() < next) return;
      next = now() + LINE_EVERY_MS;
      write(`${ingestLine(progress)}\n`);
    },
    stop: () => undefined,
  };
}

/** A bar a phase on a terminal. */
export function barReporter(stream: NodeJS.WritableStream): IngestReporter {
  let bar: cliProgress.SingleBar | undefined;
  let phase: IngestProgress['phase'] | undefined;
  const stop = () => bar?.stop();
  return {
    update: (progress) => {
      if (progress.phase !== phase) {
        stop();
        phase = progress.phase;
        const known = progress.total === undefined ? '{value}' : '{bar} {percentage} % · {value} of {total}';
        bar = new cliProgress.SingleBar(
          { stream, format: `${PHASE_WORDS[phase]} ${known}`, clearOnComplete: true, hideCursor: true },
          cliProgress.Presets.shades_classic,
        );
        bar.start(progress.total ?? progress.done, progress.done);
      }
      bar?.update(progress.done);
    },
    stop,
  };
}
