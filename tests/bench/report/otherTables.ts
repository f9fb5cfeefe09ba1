/** What `bench -- steady`, `bench -- start`, `bench -- views` and `bench -- codecs` measured, as Markdown. */
import type { CodecsResult } from '../codecs/codecs.ts';
import type { StartResult } from '../start/start.ts';
import type { Followed, SteadyResult } from '../steady/steady.ts';
import type { ViewsResult } from '../views/views.ts';
import { table } from './sections.ts';

const MIB = 2 ** 20;
const mebibytes = (bytes: number | null): string | null => (bytes === null ? null : (bytes / MIB).toFixed(1));
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);

function steadyRows(title: string, { settled, end, earlyMs, lateMs, lateToEarly }: Followed) {
  return [settled, end].map((at, i) => [
    i === 0 ? title : '',
    at.step,
    at.tensors,
    mebibytes(at.poolUsedBytes),
    at.poolPages,
    mebibytes(at.heapBytes),
    i === 0 ? earlyMs : lateMs,
    i === 0 ? null : lateToEarly,
  ]);
}

export function steadyText({ node, chromium, batch }: SteadyResult): string {
  const head = [
    'after step',
    'tensors',
    'pool in use, MiB',
    'pool pages',
    'heap, MiB',
    'ms a step',
    'late to early',
  ];
  const rows = [...steadyRows('Node', node), ...(chromium === null ? [] : steadyRows('Chromium', chromium))];
  return table([`batch ${batch}`, ...head], rows);
}

export function startText({ visits, trainingMs, firstStepMs, cold, page }: StartResult): string {
  const scripts = page.scripts.map(({ file, always, loaded, gzipBytes, brotliBytes }) => [
    `\`${file.replace(/-[\w-]{8}\.js$/, '.js')}\``,
    always ? 'always' : loaded === true ? 'here, for its backend' : 'for its backend',
    kilobytes(gzipBytes),
    kilobytes(brotliBytes),
  ]);
  return [
    table(
      ['from Join', 'until the page says it trains, ms', 'until the first step is done, ms'],
      [
        [`warm cache, median of ${visits}`, trainingMs, firstStepMs],
        ['first visit', cold?.trainingMs, cold?.firstStepMs],
      ],
    ),
    table(
      ['scripts of the page', 'loaded', 'gzip, kB', 'brotli, kB'],
      [
        ['all that every visit loads', '', kilobytes(page.gzipBytes), kilobytes(page.brotliBytes)],
        ...scripts,
      ],
    ),
  ].join('\n\n');
}

const percent = (share: number | null): string | null =>
  share === null ? null : `${(100 * share).toPrecision(2)} %`;

export function viewsText({ rows, rounds, stepsPerRound, batch, on }: ViewsResult): string {
  const head = [
    `batch ${batch}`,
    'recipe',
    'preset',
    'two views, ms',
    'whole step, ms',
    'share of the views',
  ];
  const lines = rows.map(({ pictures, recipe, preset, viewsMs, stepMs, share }) => [
    ...[pictures, `\`${recipe}\``, `\`${preset}\``, viewsMs, stepMs],
    percent(share),
  ]);
  return `${table(head, lines)}\n\nMedians of ${rounds} rounds of ${stepsPerRound} steps; ${on}.`;
}

export function codecsText({ rows, values, rounds, stepsPerRound, on }: CodecsResult): string {
  const head = ['codec', 'bytes a value', 'encode, MB/s', 'to float32', 'decode, MB/s', 'to float32'];
  const lines = rows.map(({ codec, bytesPerValue, encodeMb, encodeRatio, decodeMb, decodeRatio }) => [
    ...[`\`${codec}\``, bytesPerValue.toPrecision(3), encodeMb, encodeRatio, decodeMb, decodeRatio],
  ]);
  const count = values.toLocaleString('en');
  return `${table(head, lines)}\n\n${count} values; MB of float32 a second. Medians of ${rounds} rounds, of the fastest of ${stepsPerRound} calls in each; ${on}.`;
}
