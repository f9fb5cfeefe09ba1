import type { PeerView } from '@murmur/core/volunteer/view';
import { formatCount } from '../views/format.ts';
import { LINK_WORDS, STATE_WORDS } from '../views/words.ts';

function Peer({ peer }: { peer: PeerView }) {
  return (
    <li class="peer">
      <span class={`dot ${peer.state}`} aria-hidden="true" />
      <span class="peerName">
        {peer.name}
        {peer.self && <b class="you">you</b>}
      </span>
      <span class="note">
        {peer.host === 'headless' ? 'headless' : 'browser'} · {STATE_WORDS[peer.state]}
        {!peer.self && peer.link !== 'none' && (
          <span class={peer.link === 'relayed' ? 'link relayed' : 'link'}> · {LINK_WORDS[peer.link]}</span>
        )}
      </span>
    </li>
  );
}

/** Everybody in the run, this machine first; of a crowd those with whom it works, and how many there are besides. */
export function PeerPanel({ peers, others }: { peers: readonly PeerView[]; others: number }) {
  const mineFirst = [...peers].sort((a, b) => Number(b.self) - Number(a.self));
  return (
    <section class="panel">
      <h2>
        Who is here <span class="count">{formatCount(peers.length + others)}</span>
      </h2>
      {peers.length + others <= 1 && (
        <p class="empty">Nobody else yet. Open the same address on another machine and it appears here.</p>
      )}
      <ul class="peers">
        {mineFirst.map((peer) => (
          <Peer key={peer.peer} peer={peer} />
        ))}
      </ul>
      {others > 0 && (
        <p class="note">
          These reduce together with this machine; {formatCount(others)} more work in other groups.
        </p>
      )}
    </section>
  );
}
