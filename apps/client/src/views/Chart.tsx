import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartData } from './chartData.ts';
import { chartOptions, drawnData, type ChartKind } from './chartOptions.ts';
import { useWidth } from './useWidth.ts';

interface ChartProps {
  readonly kind: ChartKind;
  readonly data: ChartData;
  /** The chart in a sentence, for those who do not see it. */
  readonly description: string;
  /** What will be drawn here, while there is nothing. */
  readonly empty: string;
  readonly height?: number;
}

const DARK = '(prefers-color-scheme: dark)';

/** Makes the chart once it has room, feeds it, resizes it; never builds it again. */
function usePlot({ kind, data, height = 220 }: ChartProps, onCursor: (index: number | undefined) => void) {
  const [box, width] = useWidth<HTMLDivElement>();
  const plot = useRef<uPlot>(null);
  const drawn = drawnData(data, kind.bars === true);
  const visible = width > 0;
  useEffect(() => {
    if (!visible || box.current === null) return;
    const made = new uPlot({ ...chartOptions(kind, onCursor), width, height }, drawn, box.current);
    const repaint = () => made.redraw(false);
    const theme = matchMedia(DARK);
    theme.addEventListener('change', repaint);
    plot.current = made;
    return () => {
      theme.removeEventListener('change', repaint);
      plot.current = null;
      made.destroy();
    };
    // Width, height and data reach the living chart through the effects below.
  }, [visible, kind]);
  useEffect(() => {
    if (visible) plot.current?.setSize({ width, height });
  }, [width, height, visible]);
  useEffect(() => plot.current?.setData(drawn), [data]);
  return box;
}

/** A chart with a legend that shows the newest figures, or those under the pointer. */
export function Chart(props: ChartProps) {
  const [cursor, setCursor] = useState<number>();
  const box = usePlot(props, setCursor);
  const { kind, data, description, empty } = props;
  const [x, ...columns] = data;
  const index = cursor !== undefined && cursor < x.length ? cursor : x.length - 1;
  return (
    <div class="chart">
      <ul class="legend">
        {kind.series.map((series, i) => (
          <li key={series.label}>
            <span
              class={series.dashed === true ? 'swatch dashed' : 'swatch'}
              style={{ color: `var(${series.color})` }}
            />
            {series.label}
            {x.length > 0 && <b>{kind.format(columns[i]?.[index])}</b>}
          </li>
        ))}
        {x.length > 0 && <li class="at">round {x[index]}</li>}
      </ul>
      <div class={x.length === 0 ? 'plot blank' : 'plot'} role="img" aria-label={description} ref={box} />
      {x.length === 0 && <p class="plotEmpty">{empty}</p>}
    </div>
  );
}
