import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import {
  formatCompact,
  formatCount,
  formatLoss,
  formatPlural,
  formatRate,
  formatShare,
} from '../views/format.ts';
import { Tile } from '../views/Tile.tsx';
import { latestRound, lossChange } from './outlook.ts';

function lossNote(snapshot: OperatorSnapshot): string {
  if (latestRound(snapshot.rounds) === undefined) return 'no round yet';
  const change = lossChange(snapshot.rounds);
  if (change === undefined) return 'of the newest round';
  if (Math.abs(change) < 0.0005) return 'as the round before';
  return `${change < 0 ? 'down' : 'up'} ${formatLoss(Math.abs(change))} in a round`;
}

function roundNote({ status, rounds }: OperatorSnapshot): string {
  const lost = rounds.filter((r) => r.reason !== null).length;
  if (status.round === 0) return 'none over yet';
  return lost === 0 ? 'committed' : `${lost} abandoned`;
}

function volunteerNote({ volunteers }: OperatorSnapshot): string {
  const relayed = volunteers.filter((v) => v.relayed).length;
  const headless = volunteers.filter((v) => v.host === 'headless').length;
  if (volunteers.length === 0) return 'nobody yet';
  return [
    `${volunteers.length - headless} in browsers`,
    ...(headless > 0 ? [`${headless} headless`] : []),
    ...(relayed > 0 ? [`${relayed} relayed`] : []),
  ].join(', ');
}

/** The run in five figures. */
export function FigureTiles({ snapshot }: { snapshot: OperatorSnapshot }) {
  const last = latestRound(snapshot.rounds);
  const { coverage } = snapshot;
  return (
    <dl class="tiles panel">
      <Tile label="Round" value={formatCount(snapshot.status.round)} note={roundNote(snapshot)} />
      <Tile label="Loss" value={formatLoss(last?.loss)} note={lossNote(snapshot)} />
      <Tile
        label="Samples/s"
        value={formatRate(last?.samplesPerSecond ?? 0)}
        note={`${formatCompact(snapshot.samplesDone)} in all`}
      />
      <Tile
        label="Volunteers"
        value={formatCount(snapshot.volunteers.length)}
        note={volunteerNote(snapshot)}
      />
      <Tile
        label="Coverage"
        value={formatShare(coverage.share, 0)}
        note={`of ${formatPlural(coverage.examples, 'picture')} in pass ${coverage.epoch + 1}`}
      />
    </dl>
  );
}
