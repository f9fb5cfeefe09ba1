import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { useMemo } from 'preact/hooks';
import { Chart } from '../views/Chart.tsx';
import { scoreData } from '../views/chartData.ts';
import type { ChartKind } from '../views/chartOptions.ts';
import { formatCount, formatShare } from '../views/format.ts';
import { scoreRange, scoreSentence } from './outlook.ts';

type Metric = 'probe' | 'knn';

const METRIC_NAMES: Record<Metric, string> = { probe: 'Linear probe', knn: 'kNN' };

const percent = (share: number | null | undefined): string => formatShare(share ?? Number.NaN);

function ScoreChart({ scores, metric }: { scores: readonly ScoreRecord[]; metric: Metric }) {
  const [low, high] = scoreRange(scores);
  const kind = useMemo<ChartKind>(
    () => ({
      series: [
        { label: 'Trained', color: '--violet' },
        { label: 'Untrained', color: '--amber', dashed: true },
        { label: 'Raw pixels', color: '--muted', dashed: true },
      ],
      format: percent,
      formatTick: (share) => formatShare(share, 0),
      range: [low, high],
    }),
    [low, high],
  );
  const data = useMemo(() => scoreData(scores, metric), [scores, metric]);
  const last = scores.at(-1);
  return (
    <div>
      <h3>{last === undefined ? METRIC_NAMES[metric] : scoreSentence(last, metric)}</h3>
      <Chart
        kind={kind}
        data={data}
        height={190}
        description={last === undefined ? 'No score yet.' : scoreSentence(last, metric)}
        empty="The first score comes after the first rounds."
      />
    </div>
  );
}

/** How good the encoder is, beside what it must beat. */
export function ScorePanel({
  scores,
  noScores,
}: {
  scores: readonly ScoreRecord[];
  noScores: string | null;
}) {
  const last = scores.at(-1);
  if (last === undefined && noScores !== null)
    return (
      <section class="panel">
        <h2>Scores</h2>
        <p class="empty">{noScores}</p>
      </section>
    );
  return (
    <section class="panel scores">
      <h2>Scores</h2>
      <div class="pair">
        <ScoreChart scores={scores} metric="probe" />
        <ScoreChart scores={scores} metric="knn" />
      </div>
      {last !== undefined && (
        <p class="caption">
          Round {last.round}, each measured the same way: {last.features}, {formatCount(last.trainCount)}{' '}
          labelled pictures to learn from, {formatCount(last.testCount)} to test on.
          {last.intervals !== undefined && ' ± is the 95\u202f% interval that so few test pictures leave.'}
        </p>
      )}
    </section>
  );
}
