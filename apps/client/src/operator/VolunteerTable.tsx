import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { useState } from 'preact/hooks';
import { MOST_LISTED, needingAttention } from './attention.ts';
import { TableHead, type ColumnHead } from './TableHead.tsx';
import { formatCount, formatRate } from '../views/format.ts';
import { STATE_WORDS } from '../views/words.ts';

type Volunteer = OperatorSnapshot['volunteers'][number];

const COLUMNS: readonly ColumnHead[] = [
  { name: 'Name' },
  { name: 'Host' },
  { name: 'Device' },
  { name: 'State' },
  { name: 'Samples/s', number: true },
  { name: 'Samples', number: true },
  { name: 'Rounds', number: true },
  { name: 'Missed', number: true },
  { name: 'Links' },
];

/** Links are made in the first round that somebody takes part in. */
const linkWords = (v: Volunteer): string => (v.relayed ? 'relayed' : v.rounds === 0 ? '–' : 'direct');

function Row({ volunteer: v }: { volunteer: Volunteer }) {
  return (
    <tr>
      <th scope="row">{v.name}</th>
      <td data-label="Host">{v.host}</td>
      <td data-label="Device">{v.device || '–'}</td>
      <td data-label="State" class="state">
        <span class={`dot ${v.state}`} aria-hidden="true" /> {STATE_WORDS[v.state]}
      </td>
      <td data-label="Samples/s" class="number">
        {formatRate(v.samplesPerSecond)}
      </td>
      <td data-label="Samples" class="number">
        {formatCount(v.samples)}
      </td>
      <td data-label="Rounds" class="number">
        {formatCount(v.rounds)}
      </td>
      <td data-label="Missed" class={v.missedRounds > 0 ? 'number warn' : 'number'}>
        {formatCount(v.missedRounds)}
      </td>
      <td data-label="Links" class={v.relayed ? 'warn' : ''}>
        {linkWords(v)}
      </td>
    </tr>
  );
}

/** Everybody connected, or of a crowd whoever needs a look; a table that becomes cards on a narrow screen. */
export function VolunteerTable({ volunteers }: { volunteers: readonly Volunteer[] }) {
  const [all, setAll] = useState(false);
  const isCrowd = volunteers.length > MOST_LISTED;
  const listed = isCrowd && !all ? needingAttention(volunteers) : volunteers;
  return (
    <section class="panel">
      <h2>
        Volunteers <span class="count">{volunteers.length}</span>
      </h2>
      {volunteers.length === 0 ? (
        <p class="empty">
          Nobody is here yet. Point a phone at the QR code, or open the join address in a browser and press
          Join: each machine gets a line here.
        </p>
      ) : (
        <table class="cards">
          <TableHead columns={COLUMNS} />
          <tbody>
            {listed.map((volunteer) => (
              <Row key={volunteer.peer} volunteer={volunteer} />
            ))}
          </tbody>
        </table>
      )}
      {isCrowd && (
        <p class="caption">
          {!all && 'Those who have missed rounds come first. '}
          <button class="small" onClick={() => setAll(!all)}>
            {all
              ? 'Show only those who need a look'
              : `Show all ${formatCount(volunteers.length)} volunteers`}
          </button>
        </p>
      )}
    </section>
  );
}
