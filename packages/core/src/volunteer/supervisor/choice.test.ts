import { describe, expect, test } from 'vitest';
import { fold, integer, key } from '../../random/key.ts';
import * as choosing from './choice.ts';
import type { Choice } from './choice.ts';

const PAGE = ['webgpu', 'webgl', 'murmur', 'wasm', 'cpu'].map((backend) => ({ backend }));
const begin = (asked?: string) => choosing.beginChoice(PAGE, asked);
const trial = (choice: Choice, title: string) =>
  choosing.trialsOf(choice).find((t) => t.title === title) as ReturnType<typeof choosing.trialsOf>[number];
const failure = (deviceLost = false) => ({ what: 'The training worker stopped', deviceLost });
const NaNs = { what: 'Training stopped: non-finite loss at step 3', deviceLost: false };

/** SIMD that trains 200 samples a second, and both GPUs timed. */
function timedGpus(webgpu: number, webgl: number): Choice {
  let choice = choosing.worked(choosing.started(begin(), 'murmur', 'murmur relaxed simd'), 200, 2);
  for (const [backend, rate] of [['webgpu', webgpu] as const, ['webgl', webgl] as const])
    choice = choosing.timed(choosing.trying(choice, backend), backend, rate);
  return choice;
}

describe('beginning', () => {
  test('the first CPU backend trains at once; GPUs are tried later', () => {
    const choice = choosing.started(begin(), 'murmur', 'murmur relaxed simd');
    expect(choice.running).toBe('murmur');
    expect(trial(choice, 'relaxed SIMD')).toMatchObject({
      outcome: 'used',
      reason: 'Its gradients are right here.',
    });
    expect(choosing.untriedGpus(choice)).toEqual(['webgpu', 'webgl']);
  });

  test('what this page cannot have is said, and not tried', () => {
    const candidates = PAGE.map((c) => (c.backend === 'webgpu' ? { ...c, missing: 'needs https' } : c));
    const choice = choosing.beginChoice(candidates, 'webgpu');
    expect(trial(choice, 'WebGPU')).toMatchObject({ outcome: 'refused', reason: 'Needs https.' });
    expect([choice.running, choosing.untriedGpus(choosing.beginChoice(candidates, undefined))]).toEqual([
      'murmur',
      ['webgl'],
    ]);
  });

  test('a backend asked for by name begins, and nothing else is tried; an unknown one changes nothing', () => {
    const choice = begin('webgl');
    expect([choice.running, choosing.untriedGpus(choice)]).toEqual(['webgl', []]);
    expect(choosing.untriedGpus(begin('wasm'))).toEqual([]);
    expect(begin('cuda').running).toBe('murmur');
  });

  test('a wrong gradient refuses the backend with its reason, and the next one down is started', () => {
    const reason = 'its gradient differs from the reference (all values are zero)';
    let choice = choosing.refused(begin(), 'murmur', reason);
    expect(choice.running).toBe('wasm');
    expect(trial(choice, 'SIMD')).toMatchObject({
      outcome: 'refused',
      reason: `I${reason.slice(1)}.`,
    });
    choice = choosing.refused(choosing.refused(choice, 'wasm', 'x'), 'cpu', 'y');
    expect(choice.running).toBeUndefined();
    expect(choosing.nothingLeft(choice)).toBe(
      'Nothing on this machine can train. Plain JavaScript is not used: y. Reload the page, close other programs, or try another browser.',
    );
  });
});

describe('choosing a GPU', () => {
  test('the fastest takes over when it is 1.2 times as fast as all workers together', () => {
    const { choice, successor } = choosing.judge(timedGpus(240, 560));
    expect(successor).toBe('webgl');
    expect(trial(choice, 'WebGPU').reason).toBe('240 of 560 pictures/s.');
    const after = choosing.tookOver(choice, 'webgl');
    expect(after).toMatchObject({ running: 'webgl', samplesPerSecond: 560 });
    expect(trial(after, 'WebGL')).toMatchObject({
      outcome: 'used',
      reason: 'The fastest here, 560 instead of 200 pictures/s.',
    });
    expect(trial(after, 'relaxed SIMD')).toMatchObject({
      outcome: 'slower',
      reason: '200 of 560 pictures/s.',
    });
  });

  test('a GPU that is no better is said to be slower, with both speeds', () => {
    const { choice, successor } = choosing.judge(timedGpus(239, 120));
    expect(successor).toBeUndefined();
    expect(trial(choice, 'WebGL').reason).toBe('120 of 200 pictures/s.');
    expect(trial(choice, 'WebGPU')).toMatchObject({ outcome: 'slower', samplesPerSecond: 239 });
  });

  test('nothing is decided before all trials have ended and the CPU has trained a round', () => {
    const early = choosing.trying(choosing.started(begin(), 'murmur', 'murmur simd'), 'webgpu');
    const one = choosing.timed(early, 'webgpu', 900);
    expect(choosing.judge(one)).toEqual({ choice: one, successor: undefined });
    const unknown = { ...timedGpus(900, 1), samplesPerSecond: undefined };
    expect(choosing.judge(unknown).successor).toBeUndefined();
    const refused = choosing.refused(choosing.worked(one, 100, 1), 'webgl', 'software renderer');
    expect(choosing.judge(refused).successor).toBe('webgpu');
    expect(trial(refused, 'WebGL').reason).toBe('Software renderer.');
  });
});

describe('failures', () => {
  test('a lost device is given up at once, another failure at the second time in a row', () => {
    const gpu = choosing.tookOver(timedGpus(1, 560), 'webgl');
    const lost = choosing.afterFailure(gpu, {
      what: 'the browser took the WebGL context away',
      deviceLost: true,
    });
    expect(lost).toMatchObject({ running: 'murmur', failures: 0, samplesPerSecond: undefined });
    expect(trial(lost, 'WebGL')).toMatchObject({
      outcome: 'lost',
      reason: 'The browser took the WebGL context away.',
    });
    expect(choosing.goingOn(lost)).toBe('Training goes on with relaxed SIMD.');
    const once = choosing.afterFailure(begin(), NaNs);
    expect([once.running, choosing.afterFailure(once, NaNs).running]).toEqual(['murmur', 'wasm']);
  });

  test('a round in between forgives', () => {
    const once = choosing.afterFailure(begin(), NaNs);
    expect(choosing.afterFailure(choosing.worked(once, 10, 1), NaNs).running).toBe('murmur');
  });

  test('three failures in a row on the last backend end it', () => {
    const last = choosing.refused(choosing.refused(begin(), 'murmur', 'x'), 'wasm', 'y');
    const twice = choosing.afterFailure(choosing.afterFailure(last, failure(true)), failure());
    expect(twice.running).toBe('cpu');
    expect(choosing.afterFailure(twice, failure()).running).toBeUndefined();
  });

  test('whatever happens, what runs is usable, and any machine is given up after few failures', () => {
    for (let seed = 0; seed < 500; seed++) {
      let choice = begin();
      const draw = (what: string, bound: number) => integer(fold(key(seed), what), bound);
      let [failuresInRow, step] = [0, 0];
      for (; choice.running !== undefined && step < 400; step++) {
        const { running } = choice;
        const what = draw(`what${step}`, 4);
        failuresInRow = what === 0 ? 0 : failuresInRow + 1;
        if (what === 0)
          choice = choosing.worked(choosing.started(choice, running, running), 1 + draw(`${step}`, 9), 1);
        else if (what === 1) choice = choosing.refused(choice, running, 'it is wrong');
        else choice = choosing.afterFailure(choice, failure(what === 2));
        const now = choice.running;
        const state = choice.rungs.find((rung) => rung.backend === now)?.outcome;
        expect(['refused', 'lost'], `seed ${seed}, step ${step}`).not.toContain(state);
        expect(failuresInRow, `seed ${seed}`).toBeLessThanOrEqual(2 + 2 + 3);
      }
      expect(step).toBeLessThan(400);
      expect(choosing.nothingLeft(choice)).toMatch(/^Nothing on this machine can train\. .+ Reload the page/);
    }
  });
});
