import { describe, expect, test } from 'vitest';
import { averageContributions } from '../aggregate/average.ts';
import { commitUpdate, type OuterState } from '../aggregate/commitUpdate.ts';
import { PLAIN_AVERAGING } from '../aggregate/outerStep.ts';
import { codecOf, updateCodecOf, type CodecName } from '../codec/registry.ts';
import { fold, key, normal } from '../random/key.ts';
import { NOTHING_CARRIED, openRound, settle, startOf } from './carried.ts';
import { combinedContribution } from './training.ts';
import type { RoundManifest } from '../protocol/round.ts';
import type { Carried, Work } from '../volunteer/ports.ts';

const LENGTH = 8192;
const PARTS = [
  { start: 0, end: 4096, owner: 'anna' },
  { start: 4096, end: LENGTH, owner: 'bert' },
];
const manifest = (round: number, codec: CodecName): RoundManifest => ({
  ...{ run: 'test', round, base: '0'.repeat(64), members: [], parts: PARTS, codec, rule: 'mean', seed: 1 },
  ...{ optimizer: 'sgd', learningRate: 1, batchSize: 1, minSteps: 1, maxSteps: 1, trainMs: 1, reduceMs: 1 },
});
const work = (gradient: Float32Array): Work => ({
  ...{ kind: 'worked', gradient, samples: 1, steps: 1, loss: 1, trainMs: 1 },
});
const filled = (value: number): Float32Array => new Float32Array(LENGTH).fill(value);
const ALL: readonly boolean[] = [true, true];

/** One volunteer that contributes round by round; `decoded` is what the others get. */
function volunteer(usual: CodecName, { forgets = false } = {}) {
  let carried: Carried = NOTHING_CARRIED;
  return {
    carried: () => carried,
    start: (round: number, base: Float32Array) => startOf(base, (carried = openRound(carried, round))),
    /** In which parts of the version the contribution is. */
    contribute(round: number, gradient: Float32Array, taken = ALL, codec = usual) {
      carried = forgets ? NOTHING_CARRIED : openRound(carried, round);
      const { result, given } = combinedContribution(manifest(round, codec), [work(gradient)], carried);
      if (result.kind !== 'trained' || !given) throw new Error(JSON.stringify(result));
      carried = settle({ ...carried, given }, round, taken);
      const decoded = new Float32Array(LENGTH);
      PARTS.forEach(({ start, end }, part) => {
        const piece = codecOf(codec).decode(result.parts[part] as Uint8Array, end - start);
        if (piece.kind === 'decoded') decoded.set(piece.values, start);
      });
      return { decoded, more: result.carried ?? false };
    },
  };
}
const add = (a: Float32Array, b: Float32Array): Float32Array => a.map((v, i) => v + (b[i] as number));
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - (b[i] as number)) ** 2, 0));
const length = (a: Float32Array): number => distance(a, filled(0));

describe('error feedback', () => {
  test('CD1: with int4 the sum of what was sent is the sum of all gradients less what is still carried', () => {
    const anna = volunteer('int4');
    let [sent, wanted] = [filled(0), filled(0)];
    for (let round = 1; round <= 60; round++) {
      const gradient = normal(fold(key(3), round), LENGTH);
      wanted = add(wanted, gradient);
      sent = add(sent, anna.contribute(round, gradient).decoded);
    }
    const { residual } = openRound(anna.carried(), 61);
    expect(distance(add(sent, residual ?? filled(0)), wanted)).toBeLessThan(1e-5 * length(wanted));
    // What is carried is of one encoding, however many there were.
    expect(length(residual ?? filled(NaN))).toBeLessThan(0.2 * length(normal(key(3), LENGTH)));
  });

  test('CD1 CD3: the next codec sends what one with feedback has left out, and one without leaves nothing behind', () => {
    const anna = volunteer('int4');
    const gradients = [1, 2, 3].map((i) => normal(fold(key(6), i), LENGTH));
    const [first, second, third] = gradients as [Float32Array, Float32Array, Float32Array];
    const { decoded } = anna.contribute(1, first);
    const { residual } = openRound(anna.carried(), 2);
    expect(length(residual ?? filled(0))).toBeGreaterThan(0);
    const caughtUp = anna.contribute(2, second, ALL, 'float32');
    expect(caughtUp.more).toBe(true);
    expect(distance(add(decoded, caughtUp.decoded), add(first, second))).toBeLessThan(1e-5 * length(first));
    expect(anna.contribute(3, third, ALL, 'float32')).toEqual({ decoded: third, more: false });
  });

  test('CD1: with topk what is sent follows the gradients within a bound, without feedback it does not', () => {
    const mean = normal(key(4), LENGTH);
    const [anna, bert] = [volunteer('topk'), volunteer('topk', { forgets: true })];
    let [sent, forgetful] = [filled(0), filled(0)];
    const rounds = 200;
    for (let round = 1; round <= rounds; round++) {
      const gradient = add(mean, normal(fold(key(5), round), LENGTH));
      sent = add(sent, anna.contribute(round, gradient).decoded);
      forgetful = add(forgetful, bert.contribute(round, gradient).decoded);
    }
    const share = (total: Float32Array) =>
      distance(
        total.map((v) => v / rounds),
        mean,
      ) / length(mean);
    expect(length(openRound(anna.carried(), rounds + 1).residual ?? filled(NaN))).toBeLessThan(
      30 * length(mean),
    );
    expect(share(sent)).toBeLessThan(0.8);
    expect(share(forgetful)).toBeGreaterThan(0.85);
  });

  test.each<[CodecName, boolean]>([
    ['float32', false],
    ['int8', false],
    ['int4', true],
    ['topk', true],
  ])('%s carries a residual: %s', (codec, has) => {
    const anna = volunteer(codec);
    expect(anna.contribute(1, normal(key(1), LENGTH)).more).toBe(false);
    // READY says so: leases alone do not tell what is in it.
    expect(anna.contribute(2, normal(key(2), LENGTH)).more).toBe(has);
  });

  test('a part that reached no version keeps the residual it had, the other one has a new one', () => {
    const anna = volunteer('int4');
    anna.contribute(1, normal(key(1), LENGTH));
    const before = openRound(anna.carried(), 2).residual as Float32Array;
    anna.contribute(2, normal(key(2), LENGTH), [true, false]);
    const after = openRound(anna.carried(), 3).residual as Float32Array;
    expect(after.subarray(4096)).toEqual(before.subarray(4096));
    expect(after.subarray(0, 4096)).not.toEqual(before.subarray(0, 4096));
  });

  test('AG1: a sum that is not finite is dropped, and own work goes alone', () => {
    const carried = { ...NOTHING_CARRIED, residual: filled(3e38) };
    const { result, given } = combinedContribution(manifest(1, 'float32'), [work(filled(2e38))], carried);
    expect(result).toMatchObject({ kind: 'trained' });
    expect(result).not.toHaveProperty('carried');
    expect(given?.error).toBeUndefined();
  });
});

describe('RD5: late work', () => {
  test('of a round that was abandoned is in the next contribution, exactly', () => {
    const anna = volunteer('float32');
    anna.contribute(1, filled(3), []);
    expect(anna.start(2, filled(10))).toEqual(filled(7));
    expect(anna.contribute(2, filled(0.5))).toEqual({ decoded: filled(3.5), more: true });
    expect(anna.start(3, filled(10))).toEqual(filled(10));
    expect(anna.contribute(3, filled(1))).toEqual({ decoded: filled(1), more: false });
  });

  test('is carried part by part: where nobody reduced it, and not where it is in the version', () => {
    const anna = volunteer('float32');
    anna.contribute(1, filled(3), [false, true]);
    const { decoded } = anna.contribute(2, filled(1));
    expect([decoded[0], decoded[4095], decoded[4096]]).toEqual([4, 4, 1]);
  });

  test('is carried once: what was late already is not carried again, what is new is', () => {
    const anna = volunteer('float32');
    anna.contribute(1, filled(3), []);
    expect(anna.contribute(2, filled(0.5), []).decoded).toEqual(filled(3.5));
    expect(anna.contribute(3, filled(0.25)).decoded).toEqual(filled(0.75));
  });

  test('is dropped when it is more than four rounds old', () => {
    for (const [round, expected] of [
      [5, 4],
      [6, 1],
    ] as const) {
      const anna = volunteer('float32');
      anna.contribute(1, filled(3), []);
      expect(anna.contribute(round, filled(1)).decoded).toEqual(filled(expected));
    }
  });

  test('of a round that is begun once more is replaced by what is done then', () => {
    const anna = volunteer('float32');
    anna.contribute(1, filled(3), []);
    anna.contribute(2, filled(1), []);
    expect(anna.contribute(2, filled(2)).decoded).toEqual(filled(5));
  });

  test('what was said last of a round counts, and what is said of another one does not', () => {
    const anna = volunteer('float32');
    anna.contribute(1, filled(3));
    const carried = settle(settle(anna.carried(), 1, [false, false]), 7, ALL);
    expect(openRound(carried, 2).late?.gradient).toEqual(filled(3));
  });
});

/** Distance to the optimum after so many rounds of four volunteers on noisy gradients of ½|x − optimum|². */
function descend(codec: CodecName, forgets: boolean): number {
  const optimum = normal(key(8), LENGTH);
  const volunteers = Array.from({ length: 4 }, () => volunteer(codec, { forgets }));
  let outer: OuterState = { params: filled(0), momentum: filled(0), residual: filled(0) };
  for (let round = 1; round <= 100; round++) {
    const sent = volunteers.map((one, i) => {
      const noise = normal(fold(fold(key(9), round), i), LENGTH);
      const gradient = outer.params.map((x, j) => 0.1 * (x - (optimum[j] as number) + (noise[j] as number)));
      return { values: one.contribute(round, gradient).decoded, samples: 1, steps: 1 };
    });
    const mean = averageContributions(sent);
    const means = PARTS.map(({ start, end }) => mean.subarray(start, end));
    outer = commitUpdate(outer, PARTS, means, {
      codec: updateCodecOf(codecOf(codec)),
      outer: PLAIN_AVERAGING,
    }).state;
  }
  return distance(outer.params, optimum) / length(optimum);
}

test('training with topk is worse without error feedback than with it', () => {
  const [exact, feedback, without] = [
    descend('float32', true),
    descend('topk', false),
    descend('topk', true),
  ];
  expect(exact).toBeLessThan(0.2);
  expect(feedback).toBeLessThan(0.75 * without);
});
