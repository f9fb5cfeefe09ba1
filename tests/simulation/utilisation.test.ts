import { expect, test } from 'vitest';
import { utilisationOf } from './utilisation.ts';

const SLOW = { parameters: 5_000_000, uplinkBits: 10e6, mostDelayMs: 200, stepMs: 600 } as const;

test('RD2: over 10 Mbit/s inner steps are as many as leave the exchange its share of the round, and no more', () => {
  const told = utilisationOf({ ...SLOW, peers: 4, codec: 'int4' });
  expect(told.utilisation).toBeGreaterThan(0.83);
  expect(told.utilisation).toBeLessThan(0.87);
});

test('fewer bytes need fewer inner steps', () => {
  const steps = (['int8', 'int4', 'topk'] as const).map(
    (codec) => utilisationOf({ ...SLOW, peers: 4, codec }).innerSteps,
  );
  expect(steps).toEqual([...steps].sort((a, b) => b - a));
});
