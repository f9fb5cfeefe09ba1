/** Coming, pausing, going, and what is left of a volunteer whose engine fails. */
import type { VolunteerMessage } from '../protocol/messages.ts';
import type { Life, LifeEffect, LifeStep } from './lifeState.ts';
import { offerWork, tell } from './offering.ts';

export function resume(life: Life): LifeStep {
  const engine: Life['engine'] = life.engine.kind === 'failed' ? { kind: 'none' } : life.engine;
  const next: Life = { ...life, wish: 'work', refusal: undefined, engine };
  if (life.connection === 'offline') return [{ ...next, connection: 'connecting' }, [{ type: 'connect' }]];
  return life.connection === 'online' ? offerWork(next) : [next, []];
}

/** A pause takes effect at once while training; an exchange that has begun is brought home first. */
export function pause(life: Life): LifeStep {
  if (life.round && ['reducing', 'applying', 'resyncing'].includes(life.round.phase)) return [life, []];
  const [dropped, effects] = dropRound(life);
  return [dropped, life.connection === 'online' ? [...effects, tell({ type: 'paused' })] : effects];
}

export function leave(life: Life): LifeStep {
  const [dropped, effects] = dropRound({ ...life, wish: 'leave' });
  const goodbye: LifeEffect[] = life.connection === 'online' ? [tell({ type: 'leave' })] : [];
  return [
    { ...dropped, connection: 'offline' },
    [...effects, ...goodbye, { type: 'closeLinks' }, { type: 'disconnect' }],
  ];
}

/** Without its worker a volunteer can do nothing: it leaves, so that nobody counts on it, and says why. */
export function loseEngine(life: Life, sentence: string): LifeStep {
  const [left, effects] = leave(life);
  return [
    { ...left, engine: { kind: 'failed', sentence }, version: undefined, fetching: undefined },
    effects,
  ];
}

/**
 * The round is lost to a volunteer whose worker is gone, no later one. Until it has built its model again it counts
 * as paused, so that no round waits for it.
 */
export function restartEngine(life: Life, sentence: string): LifeStep {
  const next: Life = {
    ...life,
    engine: { kind: 'none' },
    version: undefined,
    fetching: undefined,
    round: undefined,
  };
  if (life.connection !== 'online') return [next, []];
  const { round } = life;
  const owed = round && !(round.phase === 'ready' && !round.trained);
  const failed: VolunteerMessage[] = owed
    ? [{ type: 'failed', round: round.manifest.round, sentence: sentence.slice(0, 300) }]
    : [];
  const [offered, effects] = offerWork(next);
  return [offered, [...failed.map(tell), tell({ type: 'paused' }), ...effects]];
}

export function dropRound(life: Life): LifeStep {
  return [{ ...life, round: undefined }, life.round ? [{ type: 'cancelTraining' }] : []];
}
