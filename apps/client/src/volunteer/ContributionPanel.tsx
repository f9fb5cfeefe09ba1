import type { VolunteerView } from '@murmur/core/volunteer/view';
import { formatCount, formatMegabytes } from '../views/format.ts';
import { Tile } from '../views/Tile.tsx';

/** What this machine has added since it joined. */
export function ContributionPanel({ view }: { view: VolunteerView }) {
  return (
    <section class="panel wide">
      <h2>What your machine added</h2>
      <dl class="tiles">
        <Tile label="Pictures learned from" value={formatCount(view.samples)} />
        <Tile label="Rounds" value={formatCount(view.contributedRounds)} />
        <Tile label="Sent to others directly" value={formatMegabytes(view.meshBytes)} />
        <Tile label="Sent through the coordinator" value={formatMegabytes(view.relayBytes)} />
      </dl>
    </section>
  );
}
