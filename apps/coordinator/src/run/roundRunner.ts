import { REASON_SENTENCES } from '@murmur/core/protocol/reasons';
import type { Ban } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunStatus } from '@murmur/core/protocol/run';
import { nextWakeMs, reduceRound } from '@murmur/core/round/reducer';
import {
  initialRoundState,
  progressOf,
  type Given,
  type Hand,
  type RoundEffect,
  type RoundEvent,
  type RoundState,
} from '@murmur/core/round/state';
import { headOf, type Ledger, type OpenedRun } from './ledger.ts';
import type { Noticeboard } from './noticeboard.ts';
import type { RunOptions } from './options.ts';
import { sentenceOf } from './scores.ts';
import type { Sessions } from './sessions.ts';
import { createSpotChecker } from './spotChecker.ts';
import type { CommittedVersion, VersionKeeper } from './versionKeeper.ts';

/** The round reducer at work: events go in, effects are carried out. */
export interface RoundRunner {
  state(): RoundState;
  status(): RunStatus;
  dispatch(event: RoundEvent): void;
  /** Takes no event any more; resolves when a commit in flight has ended. */
  stop(): Promise<void>;
}

export interface RunnerParts {
  readonly options: RunOptions;
  readonly keeper: VersionKeeper;
  readonly ledger: Ledger;
  readonly sessions: Sessions;
  readonly board: Noticeboard;
  onRecord(record: RoundRecord, members: readonly Given[]): void;
  onFinished(): void;
  onBanned(ban: Ban): void;
  onPardoned(ban: Ban): void;
  onChange(): void;
}

type CommitEffect = Extract<RoundEffect, { type: 'commit' }>;
type Made = Awaited<ReturnType<VersionKeeper['make']>>;

export function createRoundRunner(parts: RunnerParts, stored: OpenedRun): RoundRunner {
  const { options, keeper, ledger, sessions, board } = parts;
  const { rules, clock } = options;
  let state = beginning(options, stored);
  const first = { version: stored.head.version, params: keeper.params() };
  const checker = createSpotChecker(options, first, board);
  let committing: Promise<void> = Promise.resolve();
  let made: (CommittedVersion & { round: number }) | undefined;
  let stopped = false;
  let cancelWake: () => void = () => undefined;

  function dispatch(event: RoundEvent): void {
    if (stopped) return;
    const [next, effects] = reduceRound(state, event, { rules, nowMs: clock.now() });
    state = next;
    for (const effect of effects) carryOut(effect);
    cancelWake();
    const wakeMs = nextWakeMs(state, rules);
    if (wakeMs !== undefined) {
      cancelWake = clock.after(Math.max(1, wakeMs - clock.now()), () => dispatch({ type: 'tick' }));
    }
    parts.onChange();
  }

  function carryOut(effect: RoundEffect): void {
    switch (effect.type) {
      case 'send':
        return effect.to.forEach((peer) => sessions.get(peer)?.send(effect.message));
      case 'commit':
        committing = commit(effect);
        return;
      case 'handBack':
        return handBack(effect.round, effect.hands);
      case 'record':
        return parts.onRecord(effect.record, effect.members);
      case 'refuse':
        return refuse(effect);
      case 'statusChanged':
        return sessions.all().forEach((session) => session.send({ type: 'status', status: status() }));
      case 'finished':
        return parts.onFinished();
      case 'banned':
        return parts.onBanned(effect.ban);
      case 'pardoned':
        return parts.onPardoned(effect.ban);
      case 'heal':
        return keeper.heal(effect.part, effect);
      case 'recompute':
        return void checker.check(effect.check).then(dispatch);
    }
  }

  /** The version is on disk and the books are written before anybody hears of it. */
  async function commit(effect: CommitEffect): Promise<void> {
    const { round } = effect.round.manifest;
    let version: Made;
    try {
      version = await store(effect);
    } catch (cause) {
      const sentence = `Round ${round} could not be stored: ${sentenceOf(cause)}`;
      board.alert('error', `${sentence} Check the disk of the run folder.`);
      return dispatch({ type: 'commitFailed', round });
    }
    // From here on the round stands, whatever fails.
    keeper.adopt(version);
    checker.remember({ version: version.version, params: version.state.params });
    made = { ...version, round };
    dispatch({ type: 'committed', round, version: version.version, updates: version.hashes });
    await keeper.prune().catch((cause: unknown) => {
      const sentence = `Old versions could not be deleted: ${sentenceOf(cause)}`;
      board.alert('warning', `${sentence} Check the disk of the run folder.`);
    });
  }

  async function store({ round, record, leases }: CommitEffect): Promise<Made> {
    const made = await keeper.make(round.manifest, round.reduced);
    const { version } = made;
    const head = {
      ...headOf(rules.run, state),
      round: round.manifest.round,
      version,
      samplesDone: state.samplesDone + record.samples,
      trainedMs: state.trainedMs + record.durationMs,
    };
    await ledger.commit(head, { ...record, version }, leases);
    return made;
  }

  function handBack(round: number, hands: readonly Hand[]): void {
    if (made?.round !== round) return;
    for (const { part, peer, to } of hands) {
      const bytes = made.updates[part];
      if (bytes)
        sessions
          .get(peer)
          ?.send({ type: 'update', round, part, bytes, ...(to.length > 0 && { to: [...to] }) });
    }
  }

  function refuse({ peer, reason, detail }: Extract<RoundEffect, { type: 'refuse' }>): void {
    const session = sessions.get(peer);
    board.alert('warning', `${session?.hello.name ?? peer}: ${REASON_SENTENCES[reason]} (${detail})`);
    session?.send({ type: 'refused', reason, detail: detail.slice(0, 300) });
  }

  function status(): RunStatus {
    const { round, version } = state;
    const waiting = state.phase === 'running' && !state.open;
    return {
      phase: waiting ? 'waiting' : state.phase,
      round,
      version,
      progress: progressOf(state, rules.target),
      quorum: state.begun ? 1 : rules.quorum,
    };
  }

  return {
    state: () => state,
    status,
    dispatch,
    async stop() {
      stopped = true;
      cancelWake();
      await committing;
    },
  };
}

/** Where a run begins, or goes on: at its target it is finished, and a pause outlives a restart. */
function beginning(
  { rules, startPaused }: RunOptions,
  { head, leases, records, bans }: OpenedRun,
): RoundState {
  const committedRounds = records.filter((record) => record.reason === null).length;
  const at = initialRoundState({ ...head, committedRounds, phase: 'running', leases }, bans);
  if (progressOf(at, rules.target) >= 1) return { ...at, phase: 'finished' };
  return { ...at, phase: startPaused || head.phase === 'paused' ? 'paused' : 'running' };
}
