import type { RoundManifest } from '../../protocol/round.ts';
import type { RunInfo } from '../../protocol/run.ts';
import type { Clock, StartResult, WorkerPort, WorkOrder, WorkResult } from '../ports.ts';
import type { ComputeView } from '../view.ts';
import type { WorkerThread } from './startWorker.ts';
import { superviseEngine, type SupervisorOptions } from './superviseEngine.ts';

export const RUN: RunInfo = {
  ...{ run: 'r', name: 'r', objective: 'mae', preset: 'nano', parameters: 2, schemaHash: '5'.repeat(64) },
  ...{ model: {}, dataset: {}, target: { kind: 'rounds', amount: 1 } },
};

export const roundOf = (round: number, changes: Partial<RoundManifest> = {}): RoundManifest => ({
  ...{ run: 'r', round, base: '0'.repeat(64), codec: 'float32', rule: 'mean' },
  ...{ seed: 1, optimizer: 'sgd' },
  ...{ learningRate: 1, batchSize: 8, minSteps: 1, maxSteps: 1, trainMs: 10_000, reduceMs: 1_000 },
  members: [{ peer: 'anna', name: 'anna', workers: 64, leases: [] }],
  parts: [{ start: 0, end: 2, owner: 'anna' }],
  ...changes,
});

/** A clock that stands still until it is told otherwise. */
export function handClock() {
  let now = 0;
  let timers: { at: number; call: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(ms, call) {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => void (timers = timers.filter((t) => t !== timer));
    },
  };
  async function pass(ms: number): Promise<void> {
    const end = now + ms;
    for (;;) {
      await settled();
      const [next] = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      timers = timers.filter((t) => t !== next);
      now = next.at;
      next.call();
    }
    now = end;
  }
  return { clock, pass };
}

/** Lets everything that waits for nothing but a promise go on. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};

export interface FakeWorker {
  readonly backend: string;
  /** Orders under way. */
  readonly working: Working[];
  readonly throttle: number;
  readonly terminated: boolean;
  readonly version: string | undefined;
  /** Rounds of which it has the work of so many workers. */
  readonly kept: readonly (readonly [round: number, works: number])[];
  die(sentence: string): void;
}

interface Working {
  readonly order: WorkOrder;
  step(step: number, samples: number, loss: number): void;
  end(result: WorkResult): void;
}

export const worked = (gradient: number, samples = 8, trainMs = 1_000): WorkResult => ({
  ...{ kind: 'worked', samples, steps: 1, loss: gradient, trainMs },
  gradient: Float32Array.of(gradient, gradient),
});

export interface Script {
  start?(backend: string): StartResult;
  prepare?(backend: string): Promise<void>;
  load?(backend: string): Promise<void>;
  time?(backend: string): number | string;
}

const ORDER: WorkOrder = {
  ...{ params: new Float32Array(2), pictures: new Uint8Array(8), key: [0, 0], minSteps: 1, maxSteps: 1 },
  ...{ batchSize: 8, budgetMs: 1, learningRate: 1, optimizer: 'sgd' },
};

/** Workers that do what the test says; `contribute` averages, so that who took part can be read. */
export function fakeMachine(script: Script = {}) {
  const workers: (FakeWorker & { terminate(): void })[] = [];
  function spawn(): WorkerThread {
    let reject: (cause: Error) => void = () => undefined;
    let resolve: (sentence: string) => void = () => undefined;
    const died = new Promise<string>((settle) => (resolve = settle));
    const gone = new Promise<never>((_, fail) => (reject = fail));
    gone.catch(() => undefined);
    const orGone = <T>(call: T | Promise<T>): Promise<T> => Promise.race([Promise.resolve(call), gone]);
    const self = {
      ...{ backend: '', working: [] as Working[], throttle: NaN, terminated: false },
      version: undefined as string | undefined,
      kept: [] as [number, number][],
      die(sentence: string) {
        resolve(sentence);
        reject(new Error(`${sentence}.`));
      },
      terminate() {
        self.terminated = true;
        reject(new Error('The training worker was ended.'));
      },
    };
    workers.push(self);
    const port: WorkerPort = {
      start(choice) {
        self.backend = choice.backend;
        const title = choice.backend === 'murmur' ? 'murmur simd' : choice.backend;
        return orGone(script.start?.(choice.backend) ?? { kind: 'started', title });
      },
      prepare: async (run) => {
        await orGone(script.prepare?.(self.backend) ?? Promise.resolve());
        return { schemaHash: run.schemaHash, device: self.backend };
      },
      async load(_, expected) {
        await orGone(script.load?.(self.backend));
        self.version = expected;
        return { kind: 'loaded' };
      },
      addShard: () => orGone(true),
      missingShards: () => orGone([]),
      cancel() {
        for (const working of self.working.splice(0)) working.end({ kind: 'cancelled' });
        return orGone(undefined);
      },
      reduce: () => orGone({ kind: 'failed' as const, sentence: 'not asked for here' }),
      apply: () => orGone({ version: '1' }),
      preview: () => orGone(undefined),
      settle: () => orGone(undefined),
      dispose: async () => undefined,
      divide: (_, __, count) =>
        orGone({ kind: 'divided' as const, orders: Array.from({ length: count }, () => ORDER) }),
      work: (order, onStep) =>
        orGone(
          new Promise<WorkResult>((end) => {
            const working: Working = {
              order,
              step: onStep,
              end(result) {
                self.working.splice(self.working.indexOf(working), 1);
                end(result);
              },
            };
            self.working.push(working);
          }),
        ),
      contribute(manifest, works) {
        self.kept.push([manifest.round, works.length]);
        return orGone({
          ...{ kind: 'trained' as const, steps: 1, norm: 0, trainMs: 1, parts: [], hashes: [] },
          samples: works.reduce((sum, w) => sum + w.samples, 0),
          loss: works.reduce((sum, w) => sum + w.loss, 0) / works.length,
        });
      },
      setThrottle: (share) => ((self.throttle = share), orGone(undefined)),
      time() {
        const outcome = script.time?.(self.backend) ?? 'it has none';
        return orGone(
          typeof outcome === 'number'
            ? { kind: 'timed' as const, samplesPerSecond: outcome }
            : { kind: 'failed' as const, sentence: outcome },
        );
      },
      handOver: () =>
        orGone({
          version: { name: self.version ?? '', params: new Float32Array(2) },
          pictures: undefined,
          carried: { residual: undefined, late: undefined, given: undefined },
        }),
      takeOver: ({ version }) => ((self.version = version?.name), orGone(undefined)),
    };
    return { port, died, terminate: self.terminate };
  }
  return { spawn, workers, alive: () => workers.filter((worker) => !worker.terminated) };
}

/** A supervised machine, and all that its volunteer is told. */
export function supervised(script: Script, options: Partial<SupervisorOptions> = {}) {
  const machine = fakeMachine(script);
  const { clock, pass } = handClock();
  const told: string[] = [];
  let view: ComputeView | undefined;
  const engine = superviseEngine({
    ...{ clock, spawn: machine.spawn, log: () => undefined, cores: 8, workers: 1, throttle: 1 },
    candidates: ['murmur', 'wasm', 'cpu'].map((backend) => ({ backend })),
    ...options,
  });
  engine.watch({
    onCompute: (next) => void (view = next),
    onRestarted: (sentence) => void told.push(`restarted: ${sentence}`),
    onPrepared: ({ device }) => void told.push(`prepared: ${device}`),
    onLost: (sentence) => void told.push(`lost: ${sentence}`),
  });
  const steps: number[][] = [];
  /** Begins a round; resolves, as an object, once every worker of it has its order. */
  async function train(round: number, changes: Partial<RoundManifest> = {}) {
    await engine.missingShards([]);
    const manifest = roundOf(round, changes);
    const [leased] = manifest.members;
    if (!leased) throw new Error('supervised: expected a manifest with a member');
    const result = engine.train(manifest, leased, (...step) => steps.push(step));
    result.catch(() => undefined);
    await settled();
    return { result };
  }
  const viewNow = (): ComputeView => {
    if (!view) throw new Error('supervised: no view came');
    return view;
  };
  return { engine, machine, pass, told, steps, train, view: viewNow };
}
