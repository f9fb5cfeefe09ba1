import type { Ban } from '@murmur/core/protocol/operator';
import { TableHead, type ColumnHead } from './TableHead.tsx';

const COLUMNS: readonly ColumnHead[] = [
  { name: 'Name' },
  { name: 'Since round' },
  { name: 'Why' },
  { name: '' },
];

interface BanPanelProps {
  readonly bans: readonly Ban[];
  /** Why nothing can be asked now; undefined when it can. */
  readonly blocked: string | undefined;
  readonly onPardon: (peer: string) => void;
}

/** Who was excluded from the run and why, each with the way back; nothing at all while nobody is. */
export function BanPanel({ bans, blocked, onPardon }: BanPanelProps) {
  if (bans.length === 0) return null;
  return (
    <section class="panel" aria-label="Excluded volunteers">
      <h2>
        Excluded <span class="count">{bans.length}</span>
      </h2>
      <p class="note">
        Whoever is let in again counts as a newcomer, and is back once “Try again” is pressed on its page.
      </p>
      <table class="cards">
        <TableHead columns={COLUMNS} />
        <tbody>
          {bans.map(({ peer, name, round, sentence }) => (
            <tr key={peer}>
              <th scope="row">{name}</th>
              <td data-label="Since round">{round}</td>
              <td data-label="Why" class="sentence">
                {sentence}
              </td>
              <td>
                <button
                  class="small"
                  aria-label={`Let ${name} in again`}
                  aria-disabled={blocked !== undefined}
                  title={blocked}
                  onClick={() => blocked === undefined && onPardon(peer)}
                >
                  Let in again
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
