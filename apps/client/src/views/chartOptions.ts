import uPlot from 'uplot';
import { stacked, type ChartData } from './chartData.ts';

export interface ChartSeries {
  readonly label: string;
  /** Name of a custom property of the page: `--teal`. Read at every draw, so that a theme change needs no rebuild. */
  readonly color: string;
  readonly dashed?: boolean;
}

export interface ChartKind {
  readonly series: readonly ChartSeries[];
  /** Stacked bars instead of lines. */
  readonly bars?: boolean;
  readonly format: (value: number | null | undefined) => string;
  /** Of the ticks, where they can be shorter than the figures. */
  readonly formatTick?: (value: number) => string;
  /** Fixes the vertical axis, so that neighbouring charts compare. */
  readonly range?: readonly [number, number] | undefined;
}

const INTEGER_STEPS = [1, 2, 5]
  .flatMap((n) => [1, 10, 100, 1e3, 1e4, 1e5].map((m) => n * m))
  .sort((a, b) => a - b);
const FONT = '12px system-ui, sans-serif';

const token = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name);

/** What uPlot draws: bars are drawn from the tallest stack to the lowest, each covering the one behind it. */
export const drawnData = (data: ChartData, bars: boolean): uPlot.AlignedData => {
  if (!bars) return data as uPlot.AlignedData;
  const [x, ...columns] = stacked(data);
  return [x, ...columns.reverse()] as uPlot.AlignedData;
};

const lineOf = (series: ChartSeries): uPlot.Series => ({
  stroke: token(series.color),
  width: series.dashed === true ? 1.5 : 2.25,
  ...(series.dashed === true ? { dash: [6, 5] } : {}),
  spanGaps: true,
  points: { show: (u, _i, from, to) => series.dashed !== true && to - from < u.width / 24, size: 6 },
});

const barOf = (series: ChartSeries): uPlot.Series => ({
  fill: token(series.color),
  width: 0,
  points: { show: false },
  ...(uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.72, 44] }) }),
});

/** Half a round of room beside bars; a single point gets room on both sides. */
const xRange =
  (bars: boolean) =>
  (_u: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax => {
    if (min === null || max === null) return [0, 10];
    const room = bars ? 0.5 : min === max ? 1 : 0;
    return [min - room, max + room];
  };

const axis: uPlot.Axis = {
  stroke: token('--muted'),
  font: FONT,
  grid: { stroke: token('--line'), width: 1 },
  ticks: { show: false },
};

const yScale = ({ bars, range }: ChartKind): uPlot.Scale => {
  if (range !== undefined) return { range: [range[0], range[1]] };
  return bars === true ? { range: (_u, _min, max) => [0, (max ?? 0) > 0 ? (max ?? 0) * 1.08 : 1] } : {};
};

/** Options of a chart that is made once and then only fed. `onCursor` hears the index under the pointer. */
export function chartOptions(
  kind: ChartKind,
  onCursor: (index: number | undefined) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const bars = kind.bars === true;
  const series = kind.series.map(bars ? barOf : lineOf);
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !bars } },
    padding: [10, 12, 0, 0],
    scales: { x: { time: false, range: xRange(bars) }, y: yScale(kind) },
    axes: [
      { ...axis, incrs: INTEGER_STEPS, space: 44, size: 28, grid: { show: false } },
      {
        ...axis,
        size: 58,
        space: 34,
        values: (_u, ticks) => ticks.map((tick) => (kind.formatTick ?? kind.format)(tick)),
      },
    ],
    series: [{}, ...(bars ? series.reverse() : series)],
    hooks: { setCursor: [(u) => onCursor(u.cursor.idx ?? undefined)] },
  };
}
