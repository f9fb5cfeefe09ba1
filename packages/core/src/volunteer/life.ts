/** A volunteer's life as a pure reducer: joining, preparing, rounds, pausing, losing and finding the coordinator. */
import {
  beginPeerRound,
  peerWakeMs,
  reducePeerRound,
  type PeerRound,
  type PeerRoundEvent,
  type PeerStep,
} from '../exchange/peerRound.ts';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import { MOST_WORKERS } from '../protocol/round.ts';
import { REASON_SENTENCES } from '../protocol/reasons.ts';
import type { RunStatus } from '../protocol/run.ts';
import type { Life, LifeEffect, LifeEvent, LifeStep } from './lifeState.ts';

const tell = (message: VolunteerMessage): LifeEffect => ({ type: 'tell', message });

/** A version that could not be fetched is asked for again after this, whether or not a round opens. */
const RETRY_AFTER_MS = 5_000;

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
      return [{ ...life, connection: 'online' }, [{ type: 'hello' }]];
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

function resume(life: Life): LifeStep {
  const engine: Life['engine'] = life.engine.kind === 'failed' ? { kind: 'none' } : life.engine;
  const next: Life = { ...life, wish: 'work', refusal: undefined, engine };
  if (life.connection === 'offline') return [{ ...next, connection: 'connecting' }, [{ type: 'connect' }]];
  return life.connection === 'online' ? offerWork(next) : [next, []];
}

/** A pause takes effect at once while training; an exchange that has begun is brought home first. */
function pause(life: Life): LifeStep {
  if (life.round && ['reducing', 'applying', 'resyncing'].includes(life.round.phase)) return [life, []];
  const [dropped, effects] = dropRound(life);
  return [dropped, life.connection === 'online' ? [...effects, tell({ type: 'paused' })] : effects];
}

function leave(life: Life): LifeStep {
  const [dropped, effects] = dropRound({ ...life, wish: 'leave' });
  const goodbye: LifeEffect[] = life.connection === 'online' ? [tell({ type: 'leave' })] : [];
  return [
    { ...dropped, connection: 'offline' },
    [...effects, ...goodbye, { type: 'closeLinks' }, { type: 'disconnect' }],
  ];
}

/** Without its worker a volunteer can do nothing: it leaves, so that nobody counts on it, and says why. */
function loseEngine(life: Life, sentence: string): LifeStep {
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
function restartEngine(life: Life, sentence: string): LifeStep {
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

function dropRound(life: Life): LifeStep {
  return [{ ...life, round: undefined }, life.round ? [{ type: 'cancelTraining' }] : []];
}

/** Does what is still missing before rounds may count on this volunteer; says so when nothing is. */
function offerWork(life: Life): LifeStep {
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
function countWorkers(life: Life, count: number): LifeStep {
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

/** AG3: the coordinator checks what was made of this contribution. */
function showContribution(life: Life, { round, part }: MessageOf<CoordinatorMessage, 'audit'>): LifeStep {
  const current = life.round?.manifest.round === round ? life.round.trained?.parts : undefined;
  const bytes = (current ?? (life.kept?.round === round ? life.kept.parts : []))[part];
  return [life, bytes ? [tell({ type: 'contribution', round, part, bytes })] : []];
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

/** A waiting volunteer whose version is no longer the newest fetches it now rather than in the next round. */
const offerIfStale = (life: Life): LifeStep =>
  !life.round &&
  life.version !== undefined &&
  life.status &&
  life.version !== life.status.version &&
  life.wish === 'work' &&
  life.engine.kind === 'ready'
    ? fetchVersion(life, life.status.version)
    : [life, []];

function takeRoster(
  life: Life,
  { volunteers: roster, others = 0 }: MessageOf<CoordinatorMessage, 'roster'>,
  nowMs: number,
): LifeStep {
  const next = { ...life, roster, others };
  return next.round
    ? stepRound(next, { type: 'present', peers: new Set(roster.map((v) => v.peer)) }, nowMs)
    : [next, []];
}

function beginRound(life: Life, { manifest }: MessageOf<CoordinatorMessage, 'round'>): LifeStep {
  const self = life.identity?.peer;
  if (
    !self ||
    life.wish !== 'work' ||
    life.engine.kind !== 'ready' ||
    !manifest.members.some((m) => m.peer === self)
  )
    return [life, []];
  if (life.round && life.round.manifest.round >= manifest.round) return [life, []];
  const cancel: LifeEffect[] = life.round && life.round.phase !== 'ended' ? [{ type: 'cancelTraining' }] : [];
  const [round, effects] = beginPeerRound(manifest, self, life.version);
  const members = manifest.members.flatMap((m) => (m.peer === self ? [] : [m.peer]));
  const peers = [...members, ...(manifest.group?.neighbours ?? [])];
  return [
    { ...life, round, fetching: round.based ? undefined : manifest.base },
    [...cancel, { type: 'meshWith', peers, round: manifest.round }, ...effects],
  ];
}

/** Runs the round's own machine, and ends the round here when it has ended there. */
function stepRound(life: Life, event: PeerRoundEvent, nowMs: number): LifeStep {
  if (!life.round) return [life, []];
  const [round, effects]: PeerStep = reducePeerRound(life.round, event, nowMs);
  const applied = event.type === 'applied' || event.type === 'resynced' ? { version: event.version } : {};
  const next: Life = { ...life, ...applied, round };
  if (round.phase !== 'ended') return [next, effects];
  const kept = round.trained ? { round: round.manifest.round, parts: round.trained.parts } : life.kept;
  const over = { ...next, kept, round: undefined, status: statusAfter(round, life.status) };
  const [ended, more] = life.wish === 'pause' ? pause(over) : offerIfStale(over);
  return [ended, [...effects, ...more]];
}

/** The commit may be told before the status: the version of the round before must not be fetched again then. */
function statusAfter({ manifest, commit }: PeerRound, status: RunStatus | undefined): RunStatus | undefined {
  if (!status || !commit || status.round >= manifest.round) return status;
  return { ...status, round: manifest.round, version: commit.version };
}

/** Whether this version, once it has arrived, is still to be loaded: it would replace what the engine holds. */
export const wantsVersion = ({ round, fetching }: Life, version: string): boolean =>
  version === (round ? versionNeeded(round) : fetching);

function takeLoaded(life: Life, version: string, nowMs: number): LifeStep {
  const next: Life = { ...life, version, fetching: life.fetching === version ? undefined : life.fetching };
  return next.round ? stepRound(next, { type: 'resynced', version }, nowMs) : offerWork(next);
}

/** Without its version a volunteer sits this round out, and asks for the newest again before long. */
function takeLoadFailed(life: Life, version: string, nowMs: number): LifeStep {
  const { round } = life;
  if (!wantsVersion(life, version)) return [life, []];
  const sentence = 'The newest version could not be fetched.';
  return [
    { ...life, fetching: undefined, round: undefined, retryAtMs: nowMs + RETRY_AFTER_MS },
    round ? [tell({ type: 'failed', round: round.manifest.round, sentence })] : [],
  ];
}

/** The version without which this round cannot go on here. */
function versionNeeded({ phase, manifest, commit }: PeerRound): string | undefined {
  if (phase === 'syncing') return manifest.base;
  return phase === 'resyncing' ? commit?.version : undefined;
}
