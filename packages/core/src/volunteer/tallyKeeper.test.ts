import { expect, test } from 'vitest';
import type { RoundRecord } from '../protocol/run.ts';
import { createTallyKeeper } from './tallyKeeper.ts';

const record = (round: number): RoundRecord => ({
  round,
  version: 'a'.repeat(64),
  loss: 1 / round,
  volunteers: 1,
  samples: 1,
  samplesPerSecond: 1,
  meshBytes: 0,
  relayBytes: 0,
  coordinatorBytes: 0,
  durationMs: 1,
  exchangeMs: 1,
  steps: 1,
  missingParts: 0,
  reason: null,
});

test('a log that is told again after a lost connection holds each round once, in order', () => {
  const tally = createTallyKeeper('Ada');
  for (const round of [1, 2, 3, 2, 3, 4]) tally.record(record(round));
  expect(tally.current().records.map((r) => r.round)).toEqual([1, 2, 3, 4]);
});

test('speed counts from the start of the round while training, and as trained at its end', () => {
  const tally = createTallyKeeper('Ada');
  tally.beginRound(1_000);
  tally.step({ step: 2, samples: 20 }, 3_000);
  expect(tally.current()).toMatchObject({ step: 2, samplesPerSecond: 10, samples: 0 });
  tally.trained({
    kind: 'trained',
    samples: 40,
    steps: 4,
    loss: 1,
    norm: 1,
    trainMs: 1_000,
    parts: [],
    hashes: [],
  });
  expect(tally.current()).toMatchObject({ samples: 40, samplesPerSecond: 40 });
  tally.trained({ kind: 'cancelled' });
  expect(tally.current().samples).toBe(40);
});
