/** What has to be there before rounds may count on a volunteer, and that it says so (VS3). */
import type { VolunteerMessage } from '../protocol/messages.ts';
import { MOST_WORKERS } from '../protocol/round.ts';
import type { Life, LifeEffect, LifeStep } from './lifeState.ts';

export const tell = (message: VolunteerMessage): LifeEffect => ({ type: 'tell', message });

/** Does what is still missing before rounds may count on this volunteer; says so when nothing is. */
export function offerWork(life: Life): LifeStep {
  const { run, status, engine } = life;
  if (life.connection !== 'online' || life.wish !== 'work' || !run || !status) return [life, []];
  if (engine.kind === 'none') return [{ ...life, engine: { kind: 'preparing' } }, [{ type: 'prepare', run }]];
  if (engine.kind !== 'ready' || life.round) return [life, []];
  if (life.version !== status.version) return fetchVersion(life, status.version);
  return [life, sayAvailable(life)];
}

function sayAvailable({ engine, version, workers }: Life): LifeEffect[] {
  if (engine.kind !== 'ready' || version === undefined) return [];
  const { schemaHash, device } = engine;
  return [tell({ type: 'available', schemaHash, version, device, workers })];
}

/** Rounds are planned with the number that was said last, so a new one is said at once, in a round too. */
export function countWorkers(life: Life, count: number): LifeStep {
  const workers = Math.min(count, MOST_WORKERS);
  // Without an engine nothing is said: `available` follows when it is there again.
  if (workers < 1 || workers === life.workers) return [life, []];
  const next: Life = { ...life, workers };
  const counted = life.round !== undefined || life.version === life.status?.version;
  const working = life.connection === 'online' && life.wish === 'work';
  return [next, working && counted ? sayAvailable(next) : []];
}

const fetchVersion = (life: Life, version: string): LifeStep =>
  life.fetching === version ? [life, []] : [{ ...life, fetching: version }, [{ type: 'resync', version }]];

/** A waiting volunteer whose version is no longer the newest fetches it now rather than in the next round. */
export const offerIfStale = (life: Life): LifeStep =>
  !life.round &&
  life.version !== undefined &&
  life.status &&
  life.version !== life.status.version &&
  life.wish === 'work' &&
  life.engine.kind === 'ready'
    ? fetchVersion(life, life.status.version)
    : [life, []];
