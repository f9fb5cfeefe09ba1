/** Rounds and scores as a real run gives them, without a run. */
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunInfo } from '@murmur/core/protocol/run';

/** A stand-in for a SHA-256: the number in hexadecimal, padded to 64 digits. */
export const hashFixture = (n: number): string => ((n + 1) * 2654435761).toString(16).padEnd(64, 'a7');

/** Between 0 and 1, the same for the same number: wiggles that need no randomness. */
export const wiggle = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};

export const roundRecordFixture = (round: number, changes: Partial<RoundRecord> = {}): RoundRecord => ({
  round,
  version: hashFixture(round),
  loss: 0.31 + 0.72 * Math.exp(-round / 9) + 0.02 * wiggle(round),
  volunteers: 4,
  samples: 1_536,
  samplesPerSecond: 210 + 40 * wiggle(round + 7),
  meshBytes: 7_600_000 + 500_000 * wiggle(round + 3),
  relayBytes: 0,
  coordinatorBytes: 1_900_000 + 60_000 * wiggle(round + 5),
  durationMs: 6_900 + 1_400 * wiggle(round + 2),
  exchangeMs: 700 + 300 * wiggle(round + 11),
  steps: 12,
  missingParts: 0,
  reason: null,
  ...changes,
});

/** `count` committed rounds, with one abandoned and one partly relayed among them where there is room. */
export const recordsFixture = (count: number): RoundRecord[] =>
  Array.from({ length: count }, (_, i) => i + 1).map((round) => {
    if (round === 19)
      return roundRecordFixture(round, {
        loss: null,
        samples: 0,
        steps: 0,
        reason: 'no-contribution',
        durationMs: 16_000,
      });
    if (round % 9 === 8)
      return roundRecordFixture(round, { relayBytes: 1_400_000, missingParts: 1, volunteers: 3 });
    return roundRecordFixture(round);
  });

export const scoreFixture = (round: number, changes: Partial<ScoreRecord> = {}): ScoreRecord => ({
  round,
  version: hashFixture(round),
  knn: 0.242 + 0.19 * (1 - Math.exp(-round / 12)) + 0.008 * wiggle(round + 1),
  probe: 0.31 + 0.24 * (1 - Math.exp(-round / 14)) + 0.008 * wiggle(round),
  baselines: { untrained: { knn: 0.242, probe: 0.31 }, pixels: { knn: 0.267, probe: 0.284 } },
  testCount: 2_000,
  trainCount: 4_000,
  features: 'mean of patch tokens',
  seconds: 6.4,
  ...changes,
});

export const runFixture: RunInfo = {
  run: 'k7f3q9',
  name: 'glyphs',
  objective: 'mae',
  preset: 'tiny',
  parameters: 921_600,
  schemaHash: hashFixture(900),
  model: {},
  dataset: {
    format: 'murmur-dataset-1',
    name: 'glyphs',
    side: 32,
    channels: 3,
    patch: 4,
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.2, 0.2],
    seed: 1,
    shards: Array.from({ length: 20 }, (_, i) => ({
      hash: hashFixture(100 + i),
      count: 1_000,
      bytes: 1_200_000,
    })),
  },
  target: { kind: 'rounds', amount: 60 },
};
