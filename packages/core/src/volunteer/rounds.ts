/** The round that a volunteer is in, and the versions that it needs for it. */
import {
  beginPeerRound,
  reducePeerRound,
  type PeerRound,
  type PeerRoundEvent,
  type PeerStep,
} from '../exchange/peerRound.ts';
import type { CoordinatorMessage, MessageOf } from '../protocol/messages.ts';
import type { RunStatus } from '../protocol/run.ts';
import type { Life, LifeEffect, LifeStep } from './lifeState.ts';
import { offerIfStale, offerWork, tell } from './offering.ts';
import { pause } from './staying.ts';

/** A version that could not be fetched is asked for again after this, whether or not a round opens. */
const RETRY_AFTER_MS = 5_000;

/** AG3: the coordinator checks what was made of this contribution. */
export function showContribution(
  life: Life,
  { round, part }: MessageOf<CoordinatorMessage, 'audit'>,
): LifeStep {
  const current = life.round?.manifest.round === round ? life.round.trained?.parts : undefined;
  const bytes = (current ?? (life.kept?.round === round ? life.kept.parts : []))[part];
  return [life, bytes ? [tell({ type: 'contribution', round, part, bytes })] : []];
}

export function takeRoster(
  life: Life,
  { volunteers: roster, others = 0 }: MessageOf<CoordinatorMessage, 'roster'>,
  nowMs: number,
): LifeStep {
  const next = { ...life, roster, others };
  return next.round
    ? stepRound(next, { type: 'present', peers: new Set(roster.map((v) => v.peer)) }, nowMs)
    : [next, []];
}

export function beginRound(life: Life, { manifest }: MessageOf<CoordinatorMessage, 'round'>): LifeStep {
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
export function stepRound(life: Life, event: PeerRoundEvent, nowMs: number): LifeStep {
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

export function takeLoaded(life: Life, version: string, nowMs: number): LifeStep {
  const next: Life = { ...life, version, fetching: life.fetching === version ? undefined : life.fetching };
  return next.round ? stepRound(next, { type: 'resynced', version }, nowMs) : offerWork(next);
}

/** Without its version a volunteer sits this round out, and asks for the newest again before long. */
export function takeLoadFailed(life: Life, version: string, nowMs: number): LifeStep {
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
