/** What members are told of who contributes: each hears the hashes of those pieces that it is to reduce, and of no others. */
import type { CoordinatorMessage } from '../protocol/messages.ts';
import { UNTOLD, type Contributor } from '../protocol/round.ts';
import type { RoundEffect } from './state.ts';

export interface Named {
  readonly round: number;
  /** Who is told. */
  readonly to: readonly string[];
  /** Of one group, always in the same order. */
  readonly contributors: readonly Contributor[];
}

const send = (peers: readonly string[], message: CoordinatorMessage): RoundEffect[] =>
  peers.length === 0 ? [] : [{ type: 'send', to: [...peers], message }];

/** REDUCE (RD6). All hashes to all would be most of what a coordinator sends to a crowd. */
export function reduceMessages({ round, to, contributors }: Named, owners: readonly string[]): RoundEffect[] {
  const told = (peer?: string) =>
    contributors.map(({ hashes, ...who }) => ({
      ...who,
      hashes: hashes.map((hash, part) => (owners[part] === peer ? hash : UNTOLD)),
    }));
  const message = (peer?: string) => ({
    type: 'reduce' as const,
    round,
    contributors: told(peer),
    owners: [...owners],
  });
  const busy = new Set(owners);
  return [
    ...to.flatMap((peer) => (busy.has(peer) ? send([peer], message(peer)) : [])),
    ...send(
      to.filter((peer) => !busy.has(peer)),
      message(),
    ),
  ];
}

/** REPLAY (RD7): who reduces this part from now on is told what its pieces are. */
export function replayMessages(
  { round, to, contributors }: Named,
  { part, owner }: { part: number; owner: string | null },
): RoundEffect[] {
  const message = { type: 'replay', round, part, owner } as const;
  const hashes = contributors.map((contributor) => contributor.hashes[part] ?? UNTOLD);
  return [
    ...send(
      to.filter((peer) => peer !== owner),
      message,
    ),
    ...send(
      to.filter((peer) => peer === owner),
      { ...message, hashes },
    ),
  ];
}
