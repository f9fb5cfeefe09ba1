import { describe, expect, test } from 'vitest';
import { RUN, settled, supervised, worked, type FakeWorker, type Script } from './supervisor.fixture.ts';
import type { WorkResult } from '../ports.ts';
import type { SupervisorOptions } from './superviseEngine.ts';

const PAGE = ['webgpu', 'webgl', 'murmur', 'wasm', 'cpu'].map((backend) => ({ backend }));
const NAN: WorkResult = {
  ...{ kind: 'failed', deviceLost: false },
  sentence: 'Training stopped: non-finite loss at step 3.',
};
const lostContext: WorkResult = {
  ...{ kind: 'failed', deviceLost: true },
  sentence: 'WebGL lost its context.',
};

/** A machine that is prepared, holds a version and, from its second round on, has all its replicas. */
async function ready(script: Script = {}, options: Partial<SupervisorOptions> = {}) {
  const bench = supervised(script, options);
  await bench.engine.prepare(RUN);
  await bench.engine.load(new Uint8Array(), '0'.repeat(64));
  if ((options.workers ?? 1) > 1) {
    const { result } = await bench.train(1);
    bench.machine.alive()[0]?.working[0]?.end(worked(1));
    await result;
  }
  return bench;
}
const order = (worker: FakeWorker | undefined) => {
  const [working] = worker?.working ?? [];
  if (!working) throw new Error('expected a worker with an order');
  return working;
};

describe('every core', () => {
  test('replicas train beside the lead from the round after on; steps, samples and losses add up', async () => {
    const { machine, train, steps, view } = await ready({}, { workers: 3 });
    expect(view()).toMatchObject({ workers: 3, wantedWorkers: 3, cores: 8 });
    const { result } = await train(2);
    const [lead, a, b] = machine.alive();
    order(lead).step(1, 8, 4);
    order(a).step(1, 8, 2);
    order(b).step(2, 16, 1);
    expect(steps.slice(-3)).toEqual([
      [1, 8, 4],
      [1, 16, 3],
      [2, 32, 2],
    ]);
    order(a).end(worked(2));
    order(lead).end(worked(4));
    order(b).end(worked(6, 16));
    expect(await result).toMatchObject({ kind: 'trained', samples: 32, loss: 4 });
  });

  test('no more train than the manifest leases for; the others do in a round that does', async () => {
    const { machine, train, view } = await ready({}, { workers: 3 });
    const members = [{ peer: 'anna', name: 'anna', workers: 2, leases: [] }];
    const { result } = await train(2, { members });
    expect(machine.alive().map((worker) => worker.working.length)).toEqual([1, 1, 0]);
    machine.alive().forEach(({ working: [mine] }) => mine?.end(worked(1)));
    expect(await result).toMatchObject({ kind: 'trained', samples: 16 });
    expect(view().workers).toBe(3);
    await train(3);
    expect(machine.alive().map((worker) => worker.working.length)).toEqual([1, 1, 1]);
  });

  test('a replica that fails costs its share only, and is replaced', async () => {
    const { machine, train, view } = await ready({}, { workers: 2 });
    const { result } = await train(2);
    const [lead, replica] = machine.alive();
    order(replica).end(NAN);
    order(lead).end(worked(4));
    expect(await result).toMatchObject({ kind: 'trained', samples: 8, loss: 4 });
    expect([replica?.terminated, view().workers]).toEqual([true, 1]);
    expect(view().notices).toEqual([
      {
        round: 2,
        sentence:
          'One of 2 workers failed (Training stopped: non-finite loss at step 3.); its share was dropped.',
      },
    ]);
    const next = await train(3);
    expect(view().workers).toBe(2);
    order(lead).end(worked(1));
    await next.result;
  });

  test('a replica that dies costs its share only; one that is too late does as well', async () => {
    const { machine, train, pass, told } = await ready({}, { workers: 3 });
    const { result } = await train(2, { trainMs: 10_000 });
    const [lead, dead, late] = machine.alive();
    dead?.die('The training worker stopped');
    order(lead).end(worked(4));
    let done = false;
    void result.then(() => (done = true));
    await pass(11_999);
    expect(done).toBe(false);
    await pass(1);
    expect(await result).toMatchObject({ kind: 'trained', samples: 8 });
    expect([dead?.terminated, late?.terminated, lead?.terminated, told]).toEqual([true, true, false, []]);
  });

  test('replicas that never start are not tried for ever', async () => {
    let started = 0;
    const script: Script = {
      start: () =>
        started++ === 0 ? { kind: 'started', title: 'x' } : { kind: 'refused', reason: 'no memory' },
    };
    const { machine, train, view } = await ready(script, { workers: 2 });
    for (let round = 2; round < 9; round++) {
      const { result } = await train(round);
      order(machine.alive()[0]).end(worked(1));
      await result;
    }
    expect([started, view().workers]).toEqual([1 + 3, 1]);
  });

  test('more or fewer workers count from the next round on, the throttle at once and for every worker', async () => {
    const { engine, machine, train, view } = await ready({}, { workers: 2 });
    const { result } = await train(2);
    engine.setWorkers(1);
    engine.setThrottle(0.4);
    expect(machine.alive().map((w) => [w.working.length, w.throttle])).toEqual([
      [1, 0.4],
      [1, 0.4],
    ]);
    machine.alive().forEach((worker) => order(worker).end(worked(1)));
    expect(await result).toMatchObject({ samples: 16 });
    await train(3);
    expect(machine.alive()).toHaveLength(1);
    engine.setWorkers(99);
    await settled();
    expect([view().wantedWorkers, machine.alive().length]).toEqual([8, 8]);
    expect(machine.alive().every((worker) => worker.throttle === 0.4)).toBe(true);
    engine.setThrottle(0);
    expect(view().throttle).toBe(0.1);
  });

  test('a cancelled round ends in every worker, and its late results change nothing', async () => {
    const { engine, machine, train } = await ready({}, { workers: 2 });
    const { result } = await train(2);
    await engine.cancel();
    expect(await result).toEqual({ kind: 'cancelled' });
    expect(machine.alive().map((worker) => worker.working.length)).toEqual([0, 0]);
    expect(machine.alive()[0]?.kept).toEqual([[1, 1]]);
  });

  test('RD5: what was done in a round that is cut short stays with the lead before the next one begins', async () => {
    const { engine, machine, train } = await ready({}, { workers: 2 });
    const { result } = await train(2);
    const [lead, replica] = machine.alive();
    const [mine, other] = [lead?.working[0], replica?.working[0]];
    lead?.working.splice(0);
    replica?.working.splice(0);
    const cancelled = engine.cancel();
    const next = train(3);
    mine?.end(worked(1));
    await settled();
    expect([lead?.kept, lead?.working.length]).toEqual([[[1, 1]], 0]);
    other?.end(worked(2));
    await Promise.all([cancelled, next]);
    expect(await result).toEqual({ kind: 'cancelled' });
    expect([lead?.kept, lead?.working.length]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      1,
    ]);
  });
});

describe('recovery', () => {
  test('a failed update is dropped and the worker replaced; the next one down comes at the second failure', async () => {
    const bench = await ready();
    const { machine, train, told, view, engine } = bench;
    const { result } = await train(1);
    const [broken] = machine.alive();
    order(broken).end(NAN);
    expect(await result).toMatchObject({ kind: 'failed', sentence: NAN.sentence });
    const said =
      'Training stopped: non-finite loss at step 3; that update was dropped. Training goes on with SIMD.';
    expect([told, view().notices]).toEqual([[`restarted: ${said}`], [{ round: 1, sentence: said }]]);
    await engine.prepare(RUN);
    expect(machine.alive().map((w) => [w.backend, w.version])).toEqual([['murmur', undefined]]);
    await engine.load(new Uint8Array(), '0'.repeat(64));
    const again = await train(2);
    order(machine.alive()[0]).end(NAN);
    await again.result;
    expect(told[1]).toContain('Training goes on with WebAssembly.');
    await engine.prepare(RUN);
    expect(machine.alive().map((w) => w.backend)).toEqual(['wasm']);
    expect(view().trials.map((t) => t.outcome)).toEqual(['lost', 'used', 'untried']);
  });

  test('a worker that dies in a round, or between two, is replaced', async () => {
    const { machine, train, told, engine } = await ready();
    const { result } = await train(1);
    machine.alive()[0]?.die('The training worker stopped (out of luck)');
    expect(await result).toMatchObject({ kind: 'failed' });
    expect(told).toEqual([
      'restarted: The training worker stopped (out of luck); that update was dropped. Training goes on with SIMD.',
    ]);
    await expect(engine.apply({} as never, [])).rejects.toThrow('being started again');
    await engine.prepare(RUN);
    const next = await train(2);
    order(machine.alive()[0]).end(worked(1));
    await next.result;
    machine.alive()[0]?.die('It stopped');
    await settled();
    expect(told[1]).toBe('restarted: It stopped. Training goes on with SIMD.');
  });

  test('a worker that says nothing for 30 s, and 20 of its steps, is replaced; one that speaks is not', async () => {
    const { machine, train, pass, told } = await ready();
    const { result } = await train(1, { trainMs: 600_000 });
    await pass(2_000);
    order(machine.alive()[0]).step(1, 8, 1);
    for (let step = 2; step < 9; step++) {
      await pass(2_000);
      order(machine.alive()[0]).step(step, 8 * step, 1);
    }
    await pass(35_000);
    expect(told).toEqual([]);
    await pass(5_001);
    expect(told[0]).toMatch(/^restarted: The training worker said nothing for 40 s; that update was dropped/);
    expect(await result).toMatchObject({ kind: 'failed' });
  });

  test('a call that is never answered replaces the worker, and is rejected', async () => {
    const { engine, pass, told } = supervised({ load: () => new Promise(() => undefined) });
    await engine.prepare(RUN);
    const rejected = expect(engine.load(new Uint8Array(), '1')).rejects.toThrow('was ended');
    await pass(119_999);
    expect(told).toEqual([]);
    await pass(2);
    await rejected;
    expect(told).toEqual([
      'restarted: The training worker did not answer for 120 s. Training goes on with SIMD.',
    ]);
  });

  test('three failures in a row on the last backend end it, with a sentence that says what to do', async () => {
    const bench = supervised({}, { candidates: [{ backend: 'cpu' }] });
    for (let round = 1; round <= 3; round++) {
      await bench.engine.prepare(RUN);
      const { result } = await bench.train(round);
      order(bench.machine.alive()[0]).end(NAN);
      await result;
    }
    expect(bench.told.map((sentence) => sentence.split(':')[0])).toEqual(['restarted', 'restarted', 'lost']);
    expect(bench.told[2]).toContain('Nothing on this machine can train. Training stopped: non-finite loss');
    await expect(bench.engine.prepare(RUN)).rejects.toThrow('Nothing on this machine can train');
  });

  test('a worker that dies while it builds the model has a successor; a model that cannot be read has none', async () => {
    let built = 0;
    const bench = supervised({
      prepare: async () => {
        if (built++ === 0) {
          bench.machine.workers[0]?.die('The training worker stopped');
          await new Promise(() => undefined);
        }
      },
    });
    const preparing = bench.engine.prepare(RUN);
    await bench.pass(200);
    expect(await preparing).toMatchObject({ device: 'murmur' });
    const unreadable = supervised({ prepare: () => Promise.reject(new Error('The model cannot be read.')) });
    const rejected = expect(unreadable.engine.prepare(RUN)).rejects.toThrow('The model cannot be read.');
    await unreadable.pass(200);
    await rejected;
    expect(unreadable.view().notices).toEqual([]);
  });
});

describe('choosing', () => {
  const differs = 'its gradient differs from the reference (all values are zero)';

  test('a backend with a wrong gradient never trains: the next one down does, and why is said', async () => {
    const { machine, view } = await ready({
      start: (backend) =>
        backend === 'murmur' ? { kind: 'refused', reason: differs } : { kind: 'started', title: backend },
    });
    expect(machine.alive().map((w) => w.backend)).toEqual(['wasm']);
    expect(view().trials[0]).toMatchObject({
      outcome: 'refused',
      reason: `${differs.charAt(0).toUpperCase()}${differs.slice(1)}.`,
    });
    expect(view().notices[0]?.sentence).toBe(
      `SIMD is not used: ${differs}. Training goes on with WebAssembly.`,
    );
  });

  test('no GPU is tried before the first step; a faster one takes the version over between two rounds', async () => {
    const speeds: Record<string, number> = { webgpu: 30, webgl: 100 };
    const bench = await ready({ time: (backend) => speeds[backend] ?? 0 }, { candidates: PAGE });
    const { machine, train, told, view } = bench;
    const { result } = await train(1);
    expect(machine.alive().map((w) => w.backend)).toEqual(['murmur']);
    order(machine.alive()[0]).step(1, 8, 1);
    await settled();
    expect(machine.alive().map((w) => w.backend)).toEqual(['murmur', 'webgpu', 'webgl']);
    order(machine.alive()[0]).end(worked(1, 8, 1_000));
    expect(await result).toMatchObject({ kind: 'trained' });
    await settled();
    expect(machine.alive().map((w) => w.backend)).toEqual(['murmur', 'webgl']);
    const next = await train(2);
    expect(machine.alive().map((w) => [w.backend, w.version, w.working.length])).toEqual([
      ['webgl', '0'.repeat(64), 1],
    ]);
    expect(told).toEqual(['prepared: webgl']);
    expect(view().trials.find((t) => t.outcome === 'used')?.reason).toBe(
      'The fastest here, 100 instead of 8 pictures/s.',
    );
    order(machine.alive()[0]).end(lostContext);
    await next.result;
    expect(told[1]).toBe(
      'restarted: WebGL lost its context; that update was dropped. Training goes on with SIMD.',
    );
  });

  test('a GPU that is slower, wrong, or fails its trial is ended and said to be', async () => {
    const { machine, train, view } = await ready(
      {
        start: (backend) =>
          backend === 'webgpu'
            ? { kind: 'refused', reason: 'software renderer' }
            : { kind: 'started', title: backend },
        time: () => 5,
      },
      { candidates: PAGE },
    );
    const { result } = await train(1);
    order(machine.alive()[0]).step(1, 8, 1);
    order(machine.alive()[0]).end(worked(1));
    await result;
    await settled();
    expect(machine.alive().map((w) => w.backend)).toEqual(['murmur']);
    expect(
      view()
        .trials.slice(0, 2)
        .map((t) => t.reason),
    ).toEqual(['Software renderer.', '5 of 8 pictures/s.']);
  });

  test('a backend asked for by name trains alone; an unknown name is said and not followed', async () => {
    const asked = await ready({}, { candidates: PAGE, backend: 'webgl', workers: 1 });
    expect(asked.machine.alive().map((w) => w.backend)).toEqual(['webgl']);
    const unknown = await ready({}, { backend: 'cuda' });
    expect(unknown.view().notices[0]?.sentence).toBe(
      'There is no backend "cuda": expected one of murmur, wasm, cpu. It is chosen automatically.',
    );
    expect(unknown.machine.alive().map((w) => w.backend)).toEqual(['murmur']);
  });

  test('what is ended leaves no worker behind', async () => {
    const { engine, machine, train } = await ready({ time: () => 5 }, { candidates: PAGE, workers: 3 });
    const { result } = await train(2);
    order(machine.alive()[0]).step(1, 8, 1);
    await engine.dispose();
    await settled();
    expect(machine.alive()).toEqual([]);
    await result.catch(() => undefined);
  });
});
