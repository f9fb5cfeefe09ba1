import type { RoundManifest } from '../../protocol/round.ts';
import type { RunInfo } from '../../protocol/run.ts';
import type { Clock, EnginePort, TrainResult, WorkOrder } from '../ports.ts';
import { createBoard, type Board } from './board.ts';
import * as choosing from './choice.ts';
import { createLeadership, type Lead, type Leadership } from './leadership.ts';
import { createReplicas, type Replicas } from './replicas.ts';
import { createStepTimes, watchSilence } from './silence.ts';
import { sentenceOf, type SpawnWorker, type WorkerThread } from './startWorker.ts';
import { createTrials, type Trials } from './trials.ts';
import { workRound, type RoundOutcome } from './workRound.ts';

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly log: (sentence: string) => void;
  readonly spawn: SpawnWorker;
  /** The backends that this kind of host knows. */
  readonly candidates: readonly choosing.Candidate[];
  readonly cores: number;
  /** Workers granted. */
  readonly workers: number;
  /** Duty cycle granted, 0.1 to 1. */
  readonly throttle: number;
  /** Asked for by name; left out: the fastest. */
  readonly backend?: string | undefined;
}

interface Office {
  readonly clock: Clock;
  readonly board: Board;
  readonly leadership: Leadership;
  readonly replicas: Replicas;
  readonly trials: Trials;
  /** The run that the lead is prepared for. */
  readonly run: () => RunInfo | undefined;
}

type TrainArguments = Parameters<EnginePort['train']>;

const nothing = (): void => undefined;

/** Replicas may need as long as the round's budget, and a little to answer. */
const patienceMs = ({ trainMs }: RoundManifest): number => 1.1 * trainMs + 1_000;

/**
 * Owns the workers of one machine: the lead, which holds the version, its replicas, and GPUs on trial. Whatever
 * becomes of a worker, the volunteer keeps an engine, on the next backend down if need be, or is told that none is
 * left. The first worker starts at once.
 */
export function superviseEngine(options: SupervisorOptions): EnginePort {
  const { clock, spawn } = options;
  const board = createBoard(options);
  let run: RunInfo | undefined;
  let shifts = 0;
  let training = false;
  /** Ends with the newest round that was asked for, whatever came of it; and with the newest that was cancelled. */
  let [ended, left] = [Promise.resolve(), Promise.resolve()];
  const replicas = createReplicas({
    clock,
    spawn,
    throttle: () => board.granted.throttle,
    onChange: () => countWorkers(),
    onLost: (what) => board.notice(`A worker was lost (${what}).`),
  });
  const trials = createTrials({ clock, spawn, choice: board.choice, choose: board.choose });
  const leadership = createLeadership({
    clock,
    spawn,
    board,
    isTraining: () => training,
    onChange(lead) {
      replicas.end();
      if (!lead) trials.end();
      if (!lead) board.choose(choosing.trialsEnded(board.choice()));
      countWorkers();
    },
  });
  const { ask } = leadership;
  const office: Office = { clock, board, leadership, replicas, trials, run: () => run };
  const countWorkers = () => board.setWorkers(leadership.current() ? 1 + replicas.ready().length : 0);
  const everyThread = () => [leadership.current()?.thread, ...replicas.all()].filter((t) => t !== undefined);

  explainUnknown(options, board);
  return {
    watch: board.watch,
    async prepare(wanted) {
      run = wanted;
      return leadership.prepare(wanted);
    },
    load: (...asked) => ask((port) => port.load(...asked)),
    addShard: (...asked) => ask((port) => port.addShard(...asked)),
    async missingShards(leases) {
      // The work of a round that was cut short is kept before the next one begins.
      await left;
      await changeOver(office);
      return ask((port) => port.missingShards(leases));
    },
    async train(...asked) {
      const mine = ++shifts;
      training = true;
      board.beginRound(asked[0].round);
      const isOver = () => mine !== shifts;
      const result = trainRound(office, asked, isOver);
      ended = result.then(nothing, nothing);
      try {
        return await result;
      } catch (cause) {
        if (isOver()) return { kind: 'cancelled' };
        throw cause;
      } finally {
        if (!isOver()) training = false;
      }
    },
    async cancel() {
      shifts++;
      training = false;
      left = ended;
      // A thread that ends meanwhile trains no more either.
      await Promise.all(everyThread().map(({ port }) => port.cancel().catch(nothing)));
      await left;
    },
    reduce: (...asked) => ask((port) => port.reduce(...asked)),
    apply: (...asked) => ask((port) => port.apply(...asked)),
    settle: (...asked) => ask((port) => port.settle(...asked)),
    preview: (number) => ask((port) => port.preview(number)),
    setThrottle(share) {
      board.grant({ throttle: share });
      const { throttle } = board.granted;
      for (const { port } of everyThread()) port.setThrottle(throttle).catch(() => undefined);
    },
    setWorkers(workers) {
      board.grant({ workers });
      hireReplicas(office);
    },
    async dispose() {
      shifts++;
      leadership.end();
      replicas.end();
      trials.end();
    },
  };
}

function explainUnknown({ candidates, backend }: SupervisorOptions, board: Board): void {
  if (backend === undefined || candidates.some((candidate) => candidate.backend === backend)) return;
  const known = candidates.map((candidate) => candidate.backend).join(', ');
  board.notice(`There is no backend "${backend}": expected one of ${known}. It is chosen automatically.`);
}

/** Replicas that are wanted beside this lead: a GPU needs none. */
const replicasWanted = ({ board }: Office, { backend }: Lead): number =>
  choosing.isGpu(backend) ? 0 : board.granted.workers - 1;

function hireReplicas(office: Office): void {
  const lead = office.leadership.current();
  const run = office.run();
  if (lead && run) office.replicas.hire(replicasWanted(office, lead), { run, backend: lead.backend });
}

/** Between two rounds a GPU that has won its trial takes the version over. */
async function changeOver({ leadership, trials, board }: Office): Promise<void> {
  const next = leadership.current() && trials.take();
  if (!next) return;
  const { backend, thread, prepared } = next;
  try {
    await thread.port.setThrottle(board.granted.throttle);
    await leadership.passOn({ backend, thread });
  } catch (cause) {
    thread.terminate();
    return board.choose(choosing.refused(board.choice(), backend, sentenceOf(cause)));
  }
  board.choose(choosing.tookOver(board.choice(), backend));
  board.notice(choosing.verdictOf(board.choice(), backend));
  board.handlers().onPrepared(prepared);
}

async function trainRound(
  office: Office,
  asked: TrainArguments,
  isOver: () => boolean,
): Promise<TrainResult> {
  const [manifest, { leases, workers }] = asked;
  const { leadership, replicas } = office;
  const lead = leadership.current();
  if (!lead) return { kind: 'failed', sentence: 'The training worker is being started again.' };
  replicas.trim(replicasWanted(office, lead));
  hireReplicas(office);
  // Those that have come since the round was planned begin in the next one: nothing is leased for them.
  const crew = [lead.thread, ...replicas.ready()].slice(0, workers);
  const divided = await leadership.ask((port) => port.divide(manifest, leases, crew.length));
  if (divided.kind === 'failed') return divided;
  if (isOver()) return { kind: 'cancelled' };
  const { orders } = divided;
  const outcome = await watchedRound(office, asked, { lead, orders, threads: crew.slice(0, orders.length) });
  if (isOver() || outcome.lead.kind === 'cancelled') return keepWork(office, manifest, { lead, outcome });
  learn(office, outcome);
  if (outcome.lead.kind === 'worked')
    return leadership.ask((port) => port.contribute(manifest, outcome.works));
  const { sentence, deviceLost } = outcome.lead;
  leadership.replace(lead, { what: sentence.replace(/\.$/, ''), deviceLost });
  return { kind: 'failed', sentence };
}

/**
 * A round that is over here is told of no more; the steps that were taken until then stay with the lead, which carries
 * them into the next round, since nobody says that they are in a version (RD5).
 */
async function keepWork(
  { leadership }: Office,
  manifest: RoundManifest,
  { lead, outcome }: { lead: Lead; outcome: RoundOutcome },
): Promise<TrainResult> {
  if (outcome.works.length > 0 && leadership.current() === lead)
    await leadership.ask((port) => port.contribute(manifest, outcome.works));
  return { kind: 'cancelled' };
}

interface Crew {
  readonly lead: Lead;
  /** The lead's first. */
  readonly threads: readonly WorkerThread[];
  readonly orders: readonly WorkOrder[];
}

/** Has the crew train, and replaces a lead that says nothing for too long. */
async function watchedRound(office: Office, asked: TrainArguments, crew: Crew): Promise<RoundOutcome> {
  const [manifest, , onStep] = asked;
  const { clock, leadership, trials } = office;
  const { lead, threads, orders } = crew;
  const times = createStepTimes();
  let sinceMs = clock.now();
  const watch = watchSilence(clock, times.limitMs, () => {
    const what = `The training worker said nothing for ${Math.round(times.limitMs() / 1e3)} s`;
    leadership.replace(lead, { what, deviceLost: false });
  });
  const step = (thread: WorkerThread): void => {
    if (thread !== lead.thread) return;
    watch.heard();
    times.add(clock.now() - sinceMs);
    sinceMs = clock.now();
    const run = office.run();
    // Not before the first step: what is there trains as soon as it can.
    if (run) void trials.begin({ run, batchSize: manifest.batchSize });
  };
  const outcome = await workRound({
    ...{ threads, orders, clock, patienceMs: patienceMs(manifest) },
    onStep(thread, ...all) {
      step(thread);
      onStep(...all);
    },
  });
  watch.stop();
  return outcome;
}

/** What a round taught about this machine. */
function learn({ board, replicas, trials, run }: Office, { works, lost }: RoundOutcome): void {
  for (const { thread, sentence } of lost) {
    replicas.dismiss(thread);
    board.notice(`One of ${works.length + lost.length} workers failed (${sentence}); its share was dropped.`);
  }
  if (works.length === 0) return;
  if (works.length > 1) replicas.praise();
  const rate = works.reduce((sum, work) => sum + work.samples / Math.max(1e-3, work.trainMs / 1e3), 0);
  board.choose(choosing.worked(board.choice(), rate / board.granted.throttle, works.length));
  const wanted = run();
  if (wanted) void trials.decide(wanted);
}
