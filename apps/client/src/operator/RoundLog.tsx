import type { RoundRecord } from '@murmur/core/protocol/run';
import { useState } from 'preact/hooks';
import { TableHead, type ColumnHead } from './TableHead.tsx';
import { formatCount, formatLoss, formatMegabytes, formatSeconds } from '../views/format.ts';
import { missingWords, reasonSentence } from '../views/words.ts';

const SHORT_LOG = 10;
const COLUMNS: readonly ColumnHead[] = [
  { name: 'Round' },
  { name: 'Loss', number: true },
  { name: 'Volunteers', number: true },
  { name: 'Samples', number: true },
  { name: 'Steps', number: true },
  { name: 'Time', number: true },
  { name: 'Exchange', number: true },
  { name: 'Mesh', number: true },
  { name: 'Relay', number: true },
  { name: 'Version' },
];

function Abandoned({ record }: { record: RoundRecord }) {
  return (
    <tr class="abandoned">
      <th scope="row">{record.round}</th>
      <td colSpan={COLUMNS.length - 1}>
        <b>Abandoned.</b> {reasonSentence(record.reason ?? '')}
      </td>
    </tr>
  );
}

function Committed({ record: r }: { record: RoundRecord }) {
  return (
    <tr>
      <th scope="row">{r.round}</th>
      <td data-label="Loss" class="number">
        {formatLoss(r.loss)}
      </td>
      <td data-label="Volunteers" class="number">
        {formatCount(r.volunteers)}
        {r.missing && r.missing.length > 0 && (
          <span class="warn without" title={r.missing.join(', ')}>
            {` without ${missingWords(r)}`}
          </span>
        )}
      </td>
      <td data-label="Samples" class="number">
        {formatCount(r.samples)}
      </td>
      <td data-label="Steps" class="number">
        {formatCount(r.steps)}
      </td>
      <td data-label="Time" class="number">
        {formatSeconds(r.durationMs)}
      </td>
      <td data-label="Exchange" class="number">
        {formatSeconds(r.exchangeMs)}
      </td>
      <td data-label="Mesh" class="number">
        {formatMegabytes(r.meshBytes)}
        {r.codec !== undefined && ` ${r.codec}`}
      </td>
      <td data-label="Relay" class={r.relayBytes > 0 ? 'number warn' : 'number'}>
        {formatMegabytes(r.relayBytes)}
      </td>
      <td data-label="Version">
        <code title={r.version}>{r.version.slice(0, 8)}</code>
        {r.missingParts > 0 && <span class="warn"> {r.missingParts} missing</span>}
      </td>
    </tr>
  );
}

/** Every round, newest first; what was abandoned says why. */
export function RoundLog({ rounds }: { rounds: readonly RoundRecord[] }) {
  const [all, setAll] = useState(false);
  const newest = [...rounds].reverse().slice(0, all ? undefined : SHORT_LOG);
  return (
    <section class="panel">
      <h2>
        Rounds <span class="count">{rounds.length}</span>
      </h2>
      {rounds.length === 0 ? (
        <p class="empty">
          No round is over yet. Each one gets a line here: its loss, who took part, its bytes and its version.
        </p>
      ) : (
        <table class="cards">
          <TableHead columns={COLUMNS} />
          <tbody>
            {newest.map((r, i) =>
              r.reason === null ? (
                <Committed key={`${r.round}.${i}`} record={r} />
              ) : (
                <Abandoned key={`${r.round}.${i}`} record={r} />
              ),
            )}
          </tbody>
        </table>
      )}
      {rounds.length > SHORT_LOG && (
        <button class="small" onClick={() => setAll(!all)}>
          {all ? 'Show the newest only' : `Show all ${rounds.length} rounds`}
        </button>
      )}
    </section>
  );
}
