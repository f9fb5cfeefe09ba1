import { PROTOCOL_VERSION } from '@murmur/core/protocol/version';
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type {
  CommandAnswer,
  OperatorCommand,
  OperatorSnapshot,
  ScoreRecord,
} from '@murmur/core/protocol/operator';
import { REASON_SENTENCES } from '@murmur/core/protocol/reasons';
import type { RoundRecord, RunStatus } from '@murmur/core/protocol/run';
import { createLeaseBook, coverage } from '@murmur/core/round/leases';
import { nextWakeMs, reduceRound } from '@murmur/core/round/reducer';
import {
  initialRoundState,
  progressOf,
  type RoundEffect,
  type RoundEvent,
  type RoundState,
} from '@murmur/core/round/state';
import { withAlert, type Alert } from '../observe/alerts.ts';
import type { RunHead } from '../store/runStore.ts';
import { leaseBook } from './leaseBook.ts';
import type { RunOptions } from './options.ts';
import type { Conversation, CoordinatorPort, OperatorConversation } from './ports.ts';
import { createScores, sentenceOf } from './scores.ts';
import { createSessions, rosterOf, rowsOf, type Session } from './sessions.ts';
import { openVersionKeeper, storeFirstVersion, type CommittedVersion } from './versionKeeper.ts';

/** Rows of the round log that travel to the operator page. */
const SHOWN_ROUNDS = 1_000;
const PUSH_EVERY_MS = 500;

export interface Coordinator extends CoordinatorPort {
  /** Last round of a run that goes on; 0 for a new one. */
  readonly resumedAt: number;
  /** Shows a sentence among the operator's alerts. */
  alert(level: Alert['level'], sentence: string): void;
  /** Stops opening rounds and lets writes finish. What is committed is safe; an open round will be repeated. */
  stop(): Promise<void>;
}

/** Runs the round reducer: feeds it what arrives, carries out what it decides, and shows where it stands. */
export async function createCoordinator(options: RunOptions): Promise<Coordinator> {
  const { info, rules, store, clock, observer } = options;
  const initial = options.initialParams();
  const stored = await openRun(options, initial);
  const keeper = await openVersionKeeper(options, {
    version: stored.head.version,
    pinned: stored.scores.map((s) => s.version),
  });
  const records: RoundRecord[] = stored.records;
  const sessions = createSessions(options.newName);
  const scores = createScores(options, keeper, stored.scores, pushSoon);
  const operators = new Set<(snapshot: OperatorSnapshot) => void>();
  const startedAtMs = clock.now();
  let alerts: readonly Alert[] = [];
  let exportPath: string | null = null;
  let made: (CommittedVersion & { round: number }) | undefined;
  let writes: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let cancelWake = () => {};
  let cancelPush: (() => void) | undefined;
  const met =
    progressOf(
      initialRoundState({ ...stored.head, phase: 'running', leases: stored.leases }),
      rules.target,
    ) >= 1;
  const phase = met
    ? 'finished'
    : options.startPaused || stored.head.phase === 'paused'
      ? 'paused'
      : 'running';
  let state: RoundState = initialRoundState({ ...stored.head, phase, leases: stored.leases });
  scores.begin(initial);
  if (met) void finish();

  function dispatch(event: RoundEvent): void {
    if (stopped) return;
    const [next, effects] = reduceRound(state, event, { rules, nowMs: clock.now() });
    state = next;
    for (const effect of effects) carryOut(effect);
    cancelWake();
    const wakeMs = nextWakeMs(state, rules);
    if (wakeMs !== undefined)
      cancelWake = clock.after(Math.max(1, wakeMs - clock.now()), () => dispatch({ type: 'tick' }));
    pushSoon();
  }

  function carryOut(effect: RoundEffect): void {
    switch (effect.type) {
      case 'send':
        return effect.to.forEach((peer) => sessions.get(peer)?.send(effect.message));
      case 'commit':
        return void commit(effect);
      case 'handBack':
        return handBack(effect.round, effect.owners);
      case 'record':
        return takeRecord(effect.record, effect.members);
      case 'refuse':
        alert(
          'warning',
          `${sessions.get(effect.peer)?.hello.name ?? effect.peer}: ${REASON_SENTENCES[effect.reason]} (${effect.detail})`,
        );
        return sessions
          .get(effect.peer)
          ?.send({ type: 'refused', reason: effect.reason, detail: effect.detail.slice(0, 300) });
      case 'statusChanged':
        return broadcast({ type: 'status', status: status() });
      case 'finished':
        return void finish();
    }
  }

  /** The version is on disk and the books are written before anybody hears of it. */
  async function commit({ round, record }: Extract<RoundEffect, { type: 'commit' }>): Promise<void> {
    const number = round.manifest.round;
    const leases = state.leases;
    try {
      const version = await keeper.make(round.manifest.parts, round.reduced);
      const head: RunHead = {
        ...headOf(state),
        round: number,
        version: version.version,
        samplesDone: state.samplesDone + record.samples,
        trainedMs: state.trainedMs + record.durationMs,
      };
      await write(() => store.commit(head, { ...record, version: version.version }, leases));
      await keeper.adopt(version);
      made = { ...version, round: number };
      dispatch({ type: 'committed', round: number, version: version.version, updates: version.hashes });
    } catch (cause) {
      alert(
        'error',
        `Round ${number} could not be stored: ${sentenceOf(cause)} Check the disk of the run folder.`,
      );
      dispatch({ type: 'commitFailed', round: number });
    }
  }

  function handBack(round: number, owners: readonly string[]): void {
    if (made?.round !== round) return;
    made.updates.forEach((bytes, part) => {
      if (bytes) sessions.get(owners[part] ?? '')?.send({ type: 'update', round, part, bytes });
    });
  }

  function takeRecord(record: RoundRecord, members: readonly string[]): void {
    records.push(record);
    const head = headOf(state);
    const { leases } = state;
    const entry =
      record.reason === null ? () => store.amend(head, record) : () => store.commit(head, record, leases);
    void write(entry).catch((cause: unknown) =>
      alert('error', `The round log could not be written: ${sentenceOf(cause)}`),
    );
    credit(record, members);
    if (record.reason !== null) showAlert('warning', `Round ${record.round}: ${sentenceFor(record.reason)}`);
    else if (record.missingParts > 0)
      showAlert(
        'warning',
        `Round ${record.round}: ${record.missingParts} parts were not reduced, because their owner was lost.`,
      );
    broadcast({ type: 'record', record });
    observer.round(record);
    if (record.reason === null) scores.consider(record.round, record.version, keeper.params());
  }

  /** Counts for each member what it gave, from the round that has just closed. */
  function credit(record: RoundRecord, members: readonly string[]): void {
    for (const session of members.flatMap((peer) => sessions.get(peer) ?? [])) {
      const gave = contributed.get(session.peer);
      if (gave?.round === record.round && record.reason === null) {
        session.rounds++;
        session.samples += gave.samples;
        session.samplesPerSecond = gave.samples / Math.max(1e-3, gave.trainMs / 1e3);
      } else session.missedRounds++;
    }
  }
  const contributed = new Map<string, { round: number; samples: number; trainMs: number }>();

  /** Scores, exports and says so; a version that cannot be scored is exported all the same. */
  async function finish(): Promise<void> {
    const { round, version } = state;
    const params = keeper.params();
    let score: ScoreRecord | undefined;
    let problem: string | undefined;
    try {
      await write(() => store.setPhase('finished'));
      score = await scores.finish(round, version, params);
    } catch (cause) {
      problem = `The last version could not be scored: ${sentenceOf(cause)}`;
    }
    try {
      const facts = { params, version, round, samplesDone: state.samplesDone, score };
      exportPath = await options.exportModel(facts);
      showAlert('info', `The run has met its target. The encoder is in ${exportPath}.`);
      if (problem === undefined) observer.done({ rounds: round, version, export: exportPath });
    } catch (cause) {
      problem = `The encoder could not be exported: ${sentenceOf(cause)}`;
    }
    if (problem !== undefined) {
      showAlert('error', problem);
      observer.failed(problem);
    }
    pushSoon();
  }

  function write<T>(work: () => Promise<T>): Promise<T> {
    const done = writes.then(work);
    writes = done.catch(() => undefined); // whoever asked for the write meets its failure
    return done;
  }

  function alert(level: Alert['level'], sentence: string): void {
    observer.alert(level, sentence);
    showAlert(level, sentence);
  }

  /** On the page only: whoever reads the terminal learns it from the line of the round. */
  function showAlert(level: Alert['level'], sentence: string): void {
    alerts = withAlert(alerts, { atMs: clock.now(), level, sentence });
    pushSoon();
  }

  const headOf = (from: RoundState): RunHead => ({
    run: info.run,
    round: from.round,
    version: from.version,
    samplesDone: from.samplesDone,
    trainedMs: from.trainedMs,
    phase: from.phase,
  });

  function status(): RunStatus {
    const waiting = state.phase === 'running' && !state.open;
    return {
      phase: waiting ? 'waiting' : state.phase,
      round: state.round,
      version: state.version,
      progress: progressOf(state, rules.target),
    };
  }

  function broadcast(message: CoordinatorMessage): void {
    for (const session of sessions.all()) session.send(message);
  }

  /** Collects changes for half a second, so that pages are told often enough and no oftener. */
  function pushSoon(): void {
    cancelPush ??= clock.after(PUSH_EVERY_MS, () => {
      cancelPush = undefined;
      push();
    });
  }

  function push(): void {
    broadcastRoster();
    const now = snapshot();
    for (const operator of operators) operator(now);
  }

  const broadcastRoster = (): void =>
    broadcast({ type: 'roster', volunteers: rosterOf(sessions.all(), state) });

  function snapshot(): OperatorSnapshot {
    const { open } = state;
    return {
      run: info,
      status: status(),
      joinUrls: [...options.joinUrls()],
      startedAtMs,
      nowMs: clock.now(),
      samplesDone: state.samplesDone,
      open: open
        ? {
            round: open.manifest.round,
            phase: open.phase,
            ready: open.phase === 'spreading' ? open.applied.size : open.ready.size,
            members: open.manifest.members.length,
            openedAtMs: open.openedAtMs,
            deadlineMs: Number.isFinite(open.deadlineMs) ? open.deadlineMs : clock.now(),
          }
        : null,
      volunteers: rowsOf(sessions.all(), state),
      rounds: records.slice(-SHOWN_ROUNDS),
      scores: [...scores.all],
      noScores: options.noScores,
      coverage: coverage(state.leases),
      alerts: [...alerts],
      exportPath,
    };
  }

  function volunteer(
    send: (message: CoordinatorMessage) => void,
    origin: { address: string; host: string },
  ): Conversation {
    let session: Session | undefined;
    return {
      receive(message) {
        if (message.type === 'hello') session = greet(message, send, origin.host) ?? session;
        else if (session && sessions.get(session.peer) === session) receive(session, message);
      },
      closed() {
        if (session) part(session);
      },
    };
  }

  function greet(
    hello: Extract<VolunteerMessage, { type: 'hello' }>,
    send: (message: CoordinatorMessage) => void,
    host: string,
  ): Session | undefined {
    if (hello.protocol !== PROTOCOL_VERSION) {
      send({
        type: 'refused',
        reason: 'protocol-version',
        detail: `it speaks ${hello.protocol}, the coordinator ${PROTOCOL_VERSION}`,
      });
      return undefined;
    }
    if (sessions.all().length >= options.maxVolunteers) {
      send({ type: 'refused', reason: 'run-full' });
      return undefined;
    }
    const session = sessions.open(hello, send);
    // A second connection of one volunteer ends the first.
    dispatch({ type: 'left', peer: session.peer });
    dispatch({ type: 'joined', peer: session.peer, name: hello.name });
    const iceServers = options.iceServersFor(host);
    send({
      type: 'welcome',
      peer: session.peer,
      secret: session.secret,
      run: info,
      status: status(),
      iceServers,
    });
    for (const record of records.slice(-SHOWN_ROUNDS)) send({ type: 'record', record });
    broadcastRoster();
    return session;
  }

  function part(session: Session): void {
    if (sessions.get(session.peer) !== session) return;
    sessions.close(session);
    contributed.delete(session.peer);
    dispatch({ type: 'left', peer: session.peer });
    broadcastRoster();
  }

  function receive(session: Session, message: VolunteerMessage): void {
    switch (message.type) {
      case 'signal':
        return sessions.get(message.to)?.send({ type: 'signal', from: session.peer, data: message.data });
      case 'relay':
        session.relayed = true;
        sessions.get(message.to)?.send({ type: 'relay', from: session.peer, frame: message.frame });
        return dispatch({ type: 'message', peer: session.peer, message });
      case 'available':
        session.device = message.device;
        return dispatch({ type: 'message', peer: session.peer, message });
      case 'leave':
        return part(session);
      case 'failed':
        alert(
          'warning',
          `${session.hello.name} could not take part in round ${message.round}: ${message.sentence}`,
        );
        return dispatch({ type: 'message', peer: session.peer, message });
      case 'ready':
        contributed.set(session.peer, {
          round: message.round,
          samples: message.samples,
          trainMs: message.trainMs,
        });
        return dispatch({ type: 'message', peer: session.peer, message });
      default:
        return dispatch({ type: 'message', peer: session.peer, message });
    }
  }

  function operator(pushTo: (snapshot: OperatorSnapshot) => void): OperatorConversation {
    operators.add(pushTo);
    pushTo(snapshot());
    return { command, closed: () => void operators.delete(pushTo) };
  }

  async function command({ type }: OperatorCommand): Promise<CommandAnswer> {
    try {
      if (type === 'export') {
        const { round, version, samplesDone } = state;
        exportPath = await options.exportModel({
          params: keeper.params(),
          version,
          round,
          samplesDone,
          score: scores.all.at(-1),
        });
        alert('info', `The encoder of round ${round} is in ${exportPath}.`);
        return { ok: true };
      }
      if (type === 'start' && state.phase === 'finished') {
        return {
          ok: false,
          sentence:
            'The run has met its target. Start it again with a larger --rounds, --samples or --minutes.',
        };
      }
      dispatch({ type: 'command', command: type });
      await write(() => store.setPhase(state.phase));
      return { ok: true };
    } catch (cause) {
      return { ok: false, sentence: `That did not work: ${sentenceOf(cause)}` };
    }
  }

  return {
    resumedAt: stored.head.round,
    alert,
    volunteer,
    operator,
    status: () => ({ run: info, status: status(), volunteers: sessions.all().length }),
    rounds: () => records,
    async stop() {
      stopped = true;
      cancelWake();
      cancelPush?.();
      await writes;
    },
  };
}

const sentenceFor = (reason: string): string =>
  reason in REASON_SENTENCES ? REASON_SENTENCES[reason as keyof typeof REASON_SENTENCES] : reason;

/** The run in the store, made when there is none. */
async function openRun(options: RunOptions, initial: Float32Array) {
  const { store, info, config } = options;
  const found = await store.load();
  if (found) return { ...found, leases: leaseBook.parse(found.leases) };
  const version = await storeFirstVersion(options, initial);
  const head: RunHead = {
    run: info.run,
    round: 0,
    version,
    samplesDone: 0,
    trainedMs: 0,
    phase: options.startPaused ? 'paused' : 'running',
  };
  const leases = createLeaseBook(options.shards);
  await store.create(config, head, leases);
  return { config, head, leases, records: [], scores: [] };
}
