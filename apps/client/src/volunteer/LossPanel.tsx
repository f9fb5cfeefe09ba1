import type { RoundRecord } from '@murmur/core/protocol/run';
import { useMemo } from 'preact/hooks';
import { Chart } from '../views/Chart.tsx';
import { describeLoss, lossData } from '../views/chartData.ts';
import type { ChartKind } from '../views/chartOptions.ts';
import { formatLoss } from '../views/format.ts';

const KIND: ChartKind = {
  series: [{ label: 'Loss', color: '--teal' }],
  format: formatLoss,
  formatTick: String,
};

/** The loss of every committed round. */
export function LossPanel({ records, wide }: { records: readonly RoundRecord[]; wide: boolean }) {
  const data = useMemo(() => lossData(records), [records]);
  return (
    <section class={wide ? 'panel wide' : 'panel'}>
      <h2>How wrong the model still is</h2>
      <Chart
        kind={KIND}
        data={data}
        description={describeLoss(records)}
        empty="The curve starts with the first round. Down is good."
      />
      <p class="caption">Loss of each round, over all who took part. Lower is better.</p>
    </section>
  );
}
