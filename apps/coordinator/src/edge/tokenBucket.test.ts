import { describe, expect, it } from 'vitest';
import { fullBucket, spend, takeToken, type TokenBucket } from './tokenBucket.ts';

const rate = { burst: 3, perSecond: 2 };

function takeAt(bucket: TokenBucket, times: number[]): [TokenBucket, boolean[]] {
  const answers: boolean[] = [];
  for (const time of times) {
    const [next, taken] = takeToken(bucket, rate, time);
    bucket = next;
    answers.push(taken);
  }
  return [bucket, answers];
}

describe('token bucket', () => {
  it('gives a burst, then nothing', () => {
    expect(takeAt(fullBucket(rate, 0), [0, 0, 0, 0, 0])[1]).toEqual([true, true, true, false, false]);
  });

  it('fills at its rate, and attempts that fail cost nothing', () => {
    const [empty] = takeAt(fullBucket(rate, 0), [0, 0, 0]);
    expect(takeAt(empty, [100, 400, 499, 500, 501, 1000])[1]).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('never holds more than a burst', () => {
    expect(takeAt(fullBucket(rate, 0), [1e9, 1e9, 1e9, 1e9])[1]).toEqual([true, true, true, false]);
  });

  it('gains nothing from a clock that goes back and forth', () => {
    const [empty] = takeAt(fullBucket(rate, 1000), [1000, 1000, 1000]);
    expect(takeAt(empty, [0, 1000, 0, 1000])[1]).toEqual([false, false, false, false]);
  });

  it('lends up to a burst, says how long the debt takes, and refuses more without taking anything', () => {
    let bucket = fullBucket(rate, 0);
    const spendAt = (amount: number, nowMs: number) => {
      const [next, waitMs] = spend(bucket, rate, amount, nowMs);
      bucket = next;
      return waitMs;
    };
    expect([spendAt(3, 0), spendAt(1, 0), spendAt(2, 0), spendAt(1, 0)]).toEqual([0, 500, 1500, undefined]);
    expect([spendAt(1, 500), spendAt(1, 500), spendAt(3, 1e9)]).toEqual([1500, undefined, 0]);
  });
});
