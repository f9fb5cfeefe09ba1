/** A sweep as one picture: SVG that reads on white and on black. Pure. */
import { scaleLinear, scalePoint } from 'd3-scale';
import type { Cell, Factor } from './factors.ts';
import { percent } from './words.ts';
import type { Row, Summary } from './table.ts';

export interface ChartData {
  readonly title: string;
  readonly factors: readonly Factor[];
  readonly summaries: readonly Summary[];
  readonly rows: readonly Row[];
}

const [WIDTH, HEIGHT] = [760, 420];
const EDGE = { left: 64, right: 200, top: 48, bottom: 56 };
const COLOURS = ['#0f766e', '#b45309', '#4338ca', '#be123c', '#4d7c0f', '#0369a1', '#86198f', '#57534e'];
const GREY = '#78716c';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

const text = (x: number, y: number, words: string, style = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${style}>${escape(words)}</text>`;

const labelOf = ({ names }: Factor, levels: Cell['levels']): string =>
  names.map((name) => levels[name]).join(' + ');

interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: string; readonly summary: Summary }[];
}

/** The first factor lies along the axis; each combination of the others is a line. */
function seriesOf({ factors, summaries }: ChartData): Series[] {
  const [along, ...others] = factors as [Factor, ...Factor[]];
  const byName = new Map<string, Series['points']>();
  for (const summary of summaries) {
    const name = others
      .map((factor) => `${factor.names.join(' + ')} ${labelOf(factor, summary.levels)}`)
      .join(', ');
    byName.set(name, [...(byName.get(name) ?? []), { x: labelOf(along, summary.levels), summary }]);
  }
  return [...byName].map(([name, points]) => ({ name, points }));
}

interface Scales {
  readonly x: (level: string) => number;
  readonly y: ReturnType<typeof scaleLinear<number, number>>;
}

function scalesOf({ factors, summaries, rows }: ChartData): Scales {
  const along = factors[0] as Factor;
  const x = scalePoint(
    along.levels.map((level) => level.join(' + ')),
    [EDGE.left, WIDTH - EDGE.right],
  ).padding(0.4);
  const values = [
    ...summaries.flatMap(({ probe }) => [probe.least, probe.most]),
    ...rows.flatMap(({ untrained, pixels }) => [untrained.probe, pixels.probe]),
  ];
  const y = scaleLinear([Math.min(...values), Math.max(...values)], [HEIGHT - EDGE.bottom, EDGE.top]).nice();
  return { x: (level) => x(level) ?? NaN, y };
}

function axes({ factors }: ChartData, { x, y }: Scales): string[] {
  const right = WIDTH - EDGE.right;
  const along = factors[0] as Factor;
  return [
    ...y
      .ticks(6)
      .flatMap((tick) => [
        `<line x1="${EDGE.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${GREY}" stroke-opacity="0.25"/>`,
        text(EDGE.left - 8, y(tick) + 4, percent(tick), 'text-anchor="end"'),
      ]),
    ...along.levels.map((level) => {
      const words = level.join(' + ');
      return text(x(words), HEIGHT - EDGE.bottom + 20, words, 'text-anchor="middle"');
    }),
    text((EDGE.left + right) / 2, HEIGHT - 12, along.names.join(' + '), 'text-anchor="middle"'),
    text(EDGE.left - 8, EDGE.top - 12, 'probe %', 'text-anchor="end"'),
  ];
}

function baseline(name: string, value: number, { y }: Scales): string[] {
  const right = WIDTH - EDGE.right;
  const line = `<line x1="${EDGE.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="${GREY}" stroke-dasharray="5 4"/>`;
  return [line, text(right + 6, y(value) + 4, `${name} ${percent(value)}`)];
}

function drawn({ name, points }: Series, colour: string, { x, y }: Scales): string[] {
  const places = points.map((point) => `${x(point.x).toFixed(1)},${y(point.summary.probe.mean).toFixed(1)}`);
  const last = points.at(-1);
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.flatMap(({ x: level, summary: { probe } }) => [
      `<line x1="${x(level)}" x2="${x(level)}" y1="${y(probe.least)}" y2="${y(probe.most)}" stroke="${colour}"/>`,
      `<circle cx="${x(level)}" cy="${y(probe.mean)}" r="4" fill="${colour}"><title>${escape(`${name} ${level}: ${percent(probe.mean)} %`)}</title></circle>`,
    ]),
    ...(last && name !== ''
      ? [text(x(last.x) + 8, y(last.summary.probe.mean) + 4, name, `fill="${colour}"`)]
      : []),
  ];
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Means as points and lines, the seeds' range as bars, both baselines as dashed lines. */
export function chartSvg(data: ChartData): string {
  const scales = scalesOf(data);
  const untrained = mean(data.rows.map((row) => row.untrained.probe));
  const pixels = mean(data.rows.map((row) => row.pixels.probe));
  const series = seriesOf(data);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${GREY}">`,
    `<title>${escape(data.title)}</title>`,
    text(EDGE.left, 18, data.title, 'font-size="15" font-weight="600"'),
    ...axes(data, scales),
    ...baseline('untrained', untrained, scales),
    ...baseline('raw pixels', pixels, scales),
    ...series.flatMap((one, i) => drawn(one, COLOURS[i % COLOURS.length] as string, scales)),
    '</svg>',
    '',
  ].join('\n');
}
