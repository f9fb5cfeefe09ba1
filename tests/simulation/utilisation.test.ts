import { expect, test } from 'vitest';
import { utilisationOf } from './utilisation.ts';

/** `tiny` over 10 Mbit/s and 100 ms, its joint batch of 64 shared by all: what a core takes for a step. */
const TINY = { parameters: 923_280, uplinkBits: 10e6, mostDelayMs: 200, codec: 'auto' } as const;
const stepMs = (peers: number) => 25 * (8 / peers);

test.each([2, 4, 8])('RD2: over 10 Mbit/s %i volunteers train at least 0.9 of the time', (peers) => {
  const { utilisation, innerSteps } = utilisationOf({ ...TINY, peers, stepMs: stepMs(peers) });
  expect(utilisation).toBeGreaterThanOrEqual(0.9);
  // And not for longer than that takes.
  expect(utilisation).toBeLessThan(0.93);
  expect(innerSteps).toBeGreaterThan(100);
});

test('RD2: where the exchange is quick, rounds stay short and inner steps few', () => {
  const { innerSteps, exchangeMs } = utilisationOf({
    ...{ ...TINY, peers: 4, stepMs: stepMs(4) },
    ...{ uplinkBits: 1e9, mostDelayMs: 2 },
  });
  expect(exchangeMs).toBeLessThan(100);
  expect(innerSteps).toBeLessThan(15);
});

test('CD3: auto takes the codec that needs fewer inner steps where links are slow', () => {
  const small = { ...TINY, parameters: 5_000_000, peers: 4, stepMs: 600 };
  const steps = (['int8', 'int4', 'auto'] as const).map(
    (codec) => utilisationOf({ ...small, codec }).innerSteps,
  );
  expect(steps[1]).toBeLessThan(0.7 * (steps[0] as number));
  expect(steps[2]).toBeLessThan(1.05 * (steps[1] as number));
});
