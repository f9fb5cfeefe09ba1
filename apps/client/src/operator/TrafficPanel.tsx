import type { RoundRecord } from '@murmur/core/protocol/run';
import { useMemo } from 'preact/hooks';
import { Chart } from '../views/Chart.tsx';
import { trafficData } from '../views/chartData.ts';
import type { ChartKind } from '../views/chartOptions.ts';
import { formatBytes, formatMegabytes } from '../views/format.ts';
import { Tile } from '../views/Tile.tsx';
import { trafficTotals } from './outlook.ts';

const SHOWN_ROUNDS = 60;

const KIND: ChartKind = {
  bars: true,
  series: [
    { label: 'Mesh', color: '--teal' },
    { label: 'Relay', color: '--amber' },
    { label: 'Coordinator', color: '--violet' },
  ],
  format: (bytes) => formatMegabytes(bytes ?? 0),
  formatTick: formatBytes,
};

/** Which road the bytes of each round took. */
export function TrafficPanel({ rounds }: { rounds: readonly RoundRecord[] }) {
  const totals = useMemo(() => trafficTotals(rounds), [rounds]);
  const silent = totals.mesh + totals.relay + totals.coordinator === 0;
  // Rounds without a byte would give bars of no height on an axis of no length.
  const data = useMemo(() => trafficData(silent ? [] : rounds.slice(-SHOWN_ROUNDS)), [rounds, silent]);
  const words = `Mesh ${formatMegabytes(totals.mesh)}, relay ${formatMegabytes(totals.relay)}, coordinator ${formatMegabytes(totals.coordinator)} in all.`;
  return (
    <section class="panel">
      <h2>Traffic</h2>
      <dl class="tiles totals">
        <Tile label="Mesh" value={formatMegabytes(totals.mesh)} note="volunteer to volunteer" />
        <Tile label="Relay" value={formatMegabytes(totals.relay)} note="links that did not open" />
        <Tile label="Coordinator" value={formatMegabytes(totals.coordinator)} note="control and versions" />
      </dl>
      <Chart
        kind={KIND}
        data={data}
        height={190}
        description={words}
        empty="A bar a round, split by the road its bytes took."
      />
    </section>
  );
}
