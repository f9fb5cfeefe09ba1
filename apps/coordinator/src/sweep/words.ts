/** What a sweep found, in words. Pure. */
import type { Cell, VariedName } from './factors.ts';
import { spreadOf, type Row, type Spread, type Summary } from './table.ts';

export const percent = (share: number): string => (100 * share).toFixed(1);

/** `maskRatio 0.75, volunteers 4` */
export const levelWords = (names: readonly VariedName[], levels: Cell['levels']): string =>
  names.map((name) => `${name} ${levels[name]}`).join(', ');

/** `78.2 ± 0.4`, in per cent; alone where there is one value. */
export const spreadWords = ({ mean, deviation, least, most }: Spread): string =>
  least === most ? percent(mean) : `${percent(mean)} ± ${percent(deviation)}`;

/**
 * Two standard errors of a share measured on so many pictures: what lies closer together than this cannot be told apart.
 */
export const resolutionOf = (share: number, tests: number): number =>
  2 * Math.sqrt((share * (1 - share)) / tests);

export interface Findings {
  readonly names: readonly VariedName[];
  readonly summaries: readonly Summary[];
  readonly rows: readonly Row[];
  /** Pictures that were asked about. */
  readonly tests: number;
}

/** The best configuration, the worst one, what cannot be told from the best, and both baselines. */
export function findingSentence({ names, summaries, rows, tests }: Findings): string {
  const ranked = [...summaries].sort((a, b) => b.probe.mean - a.probe.mean);
  const [best, worst] = [ranked[0], ranked.at(-1)] as [Summary, Summary];
  const margin = resolutionOf(best.probe.mean, tests);
  const level = ranked.slice(1).filter(({ probe }) => best.probe.mean - probe.mean < margin);
  const named = (summary: Summary) =>
    `${levelWords(names, summary.levels)} (${spreadWords(summary.probe)} %)`;
  const untrained = spreadOf(rows.map((row) => row.untrained.probe)).mean;
  const pixels = spreadOf(rows.map((row) => row.pixels.probe)).mean;
  return [
    `The best probe has ${named(best)}, the worst ${named(worst)};`,
    `the untrained encoder has ${percent(untrained)} %, raw pixels ${percent(pixels)} %.`,
    level.length === 0
      ? `No other lies within ${percent(margin)} points, twice the standard error on ${tests} test pictures.`
      : `Within ${percent(margin)} points, twice the standard error on ${tests} test pictures, lie also: ${level.map(named).join('; ')}.`,
  ].join(' ');
}

const bytesWords = (bytes: number): string => (bytes === 0 ? '0' : `${(bytes / 1e6).toFixed(2)} MB`);

/** A Markdown table, one line a configuration. */
export function findingTable({ names, summaries, rows }: Findings): string {
  const probes = (of: 'untrained' | 'pixels') => spreadOf(rows.map((row) => row[of].probe));
  const knns = (of: 'untrained' | 'pixels') => spreadOf(rows.map((row) => row[of].knn));
  const first = summaries[0]?.probe.mean ?? 0;
  const blank = names.slice(1).map(() => '');
  const cells = [
    [...names, 'probe %', 'least to most', 'to the first', 'kNN %', 'last loss', 'sent a round'],
    [...names, '', '', '', '', '', ''].map(() => '---'),
    ...summaries.map(({ levels, probe, knn, loss, uploadBytesPerRound }) => [
      ...names.map((name) => levels[name] ?? ''),
      spreadWords(probe),
      `${percent(probe.least)} to ${percent(probe.most)}`,
      `${probe.mean >= first ? '+' : '−'}${percent(Math.abs(probe.mean - first))}`,
      spreadWords(knn),
      loss.toFixed(4),
      bytesWords(uploadBytesPerRound),
    ]),
    ...(['untrained', 'pixels'] as const).map((of) => {
      const title = of === 'untrained' ? '_untrained encoder_' : '_raw pixels_';
      return [title, ...blank, spreadWords(probes(of)), '', '', spreadWords(knns(of)), '', ''];
    }),
  ];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
