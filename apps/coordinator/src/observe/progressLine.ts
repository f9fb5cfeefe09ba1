import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { REASON_SENTENCES } from '@murmur/core/protocol/reasons';
import type { RoundRecord } from '@murmur/core/protocol/run';

/** One line for a person: `round 12 · loss 0.4213 · 2 volunteers · 311 samples/s · mesh 1.2 MB, …`. */
export function roundLine(record: RoundRecord): string {
  const head = `round ${record.round}`;
  if (record.reason !== null) return `${head} · abandoned · ${reasonSentence(record.reason)}`;
  return [
    head,
    `loss ${record.loss === null ? '–' : record.loss.toFixed(4)}`,
    `${record.volunteers} ${record.volunteers === 1 ? 'volunteer' : 'volunteers'}`,
    `${Math.round(record.samplesPerSecond)} samples/s`,
    `mesh ${formatBytes(record.meshBytes)}, relay ${formatBytes(record.relayBytes)}, ` +
      `coordinator ${formatBytes(record.coordinatorBytes)}`,
    ...(record.missingParts > 0
      ? [`${record.missingParts} missing part${record.missingParts === 1 ? '' : 's'}`]
      : []),
  ].join(' · ');
}

/** The trained encoder beside both baselines: `score after round 10 · probe 71.2 ± 2.1 % (untrained …)`. */
export function scoreLine(score: ScoreRecord): string {
  const { untrained, pixels } = score.baselines;
  const measure = (name: string, key: 'probe' | 'knn') =>
    `${name} ${percent(score[key])}${spread(score.intervals?.[key])} % (untrained ${percent(untrained[key])}, raw pixels ${percent(pixels[key])})`;
  return `score after round ${score.round} · ${measure('probe', 'probe')} · ${measure('kNN', 'knn')}`;
}

/** What a run came to, the end of it: how far the trained encoder lies from both baselines. */
export function verdictSentence({ probe, testCount, baselines }: ScoreRecord): string {
  const beside = (name: string, baseline: number) => {
    const points = 100 * (probe - baseline);
    const side = points < 0 ? 'below' : 'above';
    return `${Math.abs(points).toFixed(1)} points ${side} ${name} (${percent(baseline)} %)`;
  };
  return (
    `A linear probe on the trained encoder is right on ${percent(probe)} % of ${testCount} test pictures: ` +
    `${beside('raw pixels', baselines.pixels.probe)}, ${beside('the untrained encoder', baselines.untrained.probe)}.`
  );
}

/** Half the width of a 95 % interval: ` ± 2.1`. */
const spread = (interval: { low: number; high: number } | undefined): string =>
  interval === undefined ? '' : ` ± ${percent((interval.high - interval.low) / 2)}`;

const reasonSentence = (reason: string): string =>
  Object.entries(REASON_SENTENCES).find(([key]) => key === reason)?.[1] ?? reason;

const percent = (share: number): string => (100 * share).toFixed(1);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Decimal units, three digits: `0 B`, `999 B`, `1.20 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}
