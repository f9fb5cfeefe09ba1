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

/** Loss of every committed round. */
export function LossPanel({ rounds }: { rounds: readonly RoundRecord[] }) {
  const data = useMemo(() => lossData(rounds), [rounds]);
  return (
    <section class="panel">
      <h2>Loss</h2>
      <Chart
        kind={KIND}
        data={data}
        height={268}
        description={describeLoss(rounds)}
        empty="The curve starts with the first committed round."
      />
    </section>
  );
}
