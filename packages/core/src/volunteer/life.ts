/** A volunteer's life as a pure reducer: joining, preparing, rounds, pausing, losing and finding the coordinator. */
import { peerWakeMs } from '../exchange/peerRound.ts';
import type { CoordinatorMessage, MessageOf } from '../protocol/messages.ts';
import { REASON_SENTENCES } from '../protocol/reasons.ts';
import type { Life, LifeEvent, LifeStep } from './lifeState.ts';
import { countWorkers, offerIfStale, offerWork, tell } from './offering.ts';
import { beginRound, showContribution, stepRound, takeLoaded, takeLoadFailed, takeRoster } from './rounds.ts';
import { dropRound, leave, loseEngine, pause, restartEngine, resume } from './staying.ts';

/** `(life, event, now) → [life, effects]`. */
export function reduceLife(life: Life, event: LifeEvent, nowMs: number): LifeStep {
  switch (event.type) {
    case 'join':
    case 'resume':
      return resume(life);
    case 'pause':
      return pause({ ...life, wish: 'pause' });
    case 'leave':
      return leave(life);
    case 'connected':
      return [{ ...life, connection: 'online', turnedAway: undefined }, [{ type: 'hello' }]];
    case 'turnedAway':
      return [{ ...life, turnedAway: event.sentence }, []];
    case 'disconnected':
      return dropRound({
        ...life,
        connection: life.wish === 'leave' ? 'offline' : 'connecting',
        roster: [],
        others: 0,
      });
    case 'message':
      return takeMessage(life, event.message, nowMs);
    case 'prepared':
      return offerWork({
        ...life,
        engine: { kind: 'ready', schemaHash: event.schemaHash, device: event.device },
      });
    case 'workers':
      return countWorkers(life, event.count);
    case 'engineRestarted':
      return restartEngine(life, event.sentence);
    case 'engineFailed':
      return loseEngine(life, event.sentence);
    case 'loaded':
      return takeLoaded(life, event.version, nowMs);
    case 'loadFailed':
      return takeLoadFailed(life, event.version, nowMs);
    case 'round':
      return life.round?.manifest.round === event.round ? stepRound(life, event.event, nowMs) : [life, []];
    case 'tick':
      return takeTick(life, nowMs);
  }
}

/** When the life next wants a `tick`. */
export const lifeWakeMs = (life: Life): number | undefined =>
  life.round ? peerWakeMs(life.round) : life.retryAtMs;

function takeTick(life: Life, nowMs: number): LifeStep {
  if (life.round) return stepRound(life, { type: 'tick' }, nowMs);
  if (life.retryAtMs === undefined || nowMs < life.retryAtMs) return [life, []];
  return offerWork({ ...life, retryAtMs: undefined });
}

function takeMessage(life: Life, message: CoordinatorMessage, nowMs: number): LifeStep {
  switch (message.type) {
    case 'welcome':
      return takeWelcome(life, message);
    case 'refused':
      return takeRefusal(life, message);
    case 'status':
      return offerIfStale({ ...life, status: message.status });
    case 'roster':
      return takeRoster(life, message, nowMs);
    case 'round':
      return beginRound(life, message);
    case 'reduce':
    case 'replay':
    case 'combine':
    case 'update':
    case 'commit':
    case 'abandoned':
      return life.round?.manifest.round === message.round ? stepRound(life, message, nowMs) : [life, []];
    case 'audit':
      return showContribution(life, message);
    case 'signal':
    case 'relay':
    case 'record':
      return [life, []];
  }
}

function takeWelcome(
  life: Life,
  { peer, secret, run, status, iceServers }: MessageOf<CoordinatorMessage, 'welcome'>,
): LifeStep {
  const same = life.run?.run === run.run && life.run.schemaHash === run.schemaHash;
  const known: Partial<Life> = same ? {} : { engine: { kind: 'none' }, version: undefined, kept: undefined };
  const next: Life = {
    ...life,
    ...known,
    identity: { peer, secret },
    run,
    status,
    iceServers,
    fetching: undefined,
    round: undefined,
  };
  return next.wish === 'pause' ? [next, [tell({ type: 'paused' })]] : offerWork(next);
}

/** Refusals of one message cost that message; the others end the stay until a person acts. */
function takeRefusal(life: Life, { reason, detail }: MessageOf<CoordinatorMessage, 'refused'>): LifeStep {
  // Whoever was never welcomed can only have been refused its greeting, and waits for nothing more.
  const final = ['protocol-version', 'schema-mismatch', 'bad-token', 'run-full', 'banned'].includes(reason);
  if (!final && life.identity) return [life, []];
  const [left, effects] = leave(life);
  return [{ ...left, refusal: refusalSentence({ reason, detail }) }, effects];
}

export const refusalSentence = ({
  reason,
  detail,
}: Omit<MessageOf<CoordinatorMessage, 'refused'>, 'type'>): string =>
  detail ? `${REASON_SENTENCES[reason]} (${detail})` : REASON_SENTENCES[reason];
