/** AG5: bans have a reason that a person can read, outlive a restart, and can be lifted. */
import { release } from './leases.ts';
import { dropMember } from './running.ts';
import type { RoundRules, RoundState, Step } from './state.ts';

/** From now on this volunteer takes part in nothing; what it was in charge of goes on to others. */
export function banish(
  state: RoundState,
  peer: string,
  sentence: string,
  context: { rules: RoundRules; nowMs: number },
): Step {
  const volunteer = state.volunteers.get(peer);
  const ban = { peer, name: volunteer?.name ?? peer, round: state.round, sentence };
  const volunteers = new Map(state.volunteers);
  volunteers.delete(peer);
  const banned = new Map(state.banned).set(peer, ban);
  const without: RoundState = { ...state, volunteers, banned, leases: release(state.leases, peer) };
  const [next, effects] = dropMember(without, peer, context);
  return [next, [{ type: 'banned', ban }, ...effects, { type: 'statusChanged' }]];
}

/** Lets somebody in again; it is trusted like a newcomer. */
export function pardon(state: RoundState, peer: string): Step {
  const ban = state.banned.get(peer);
  if (!ban) return [state, []];
  const banned = new Map(state.banned);
  const trust = new Map(state.trust);
  banned.delete(peer);
  trust.delete(peer);
  return [{ ...state, banned, trust }, [{ type: 'pardoned', ban }]];
}
