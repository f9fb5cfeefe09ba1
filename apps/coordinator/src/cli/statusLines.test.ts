import { describe, expect, it } from 'vitest';
import type { StoredRun } from '../store/runStore.ts';
import { statusLines } from './statusLines.ts';

const VERSION = 'a'.repeat(64);
const record = (round: number, reason: string | null) => ({
  ...{ round, version: VERSION, loss: reason === null ? 1 / round : null, volunteers: 2, samples: 64 },
  ...{ samplesPerSecond: 100, meshBytes: 1_000_000, relayBytes: 0, coordinatorBytes: 5, durationMs: 1_000 },
  ...{ exchangeMs: 100, steps: 2, missingParts: 0, reason },
});
const stored = (phase: StoredRun['head']['phase'], reasons: readonly (string | null)[]): StoredRun => ({
  head: {
    ...{ run: 'r', round: reasons.length, version: VERSION, samplesDone: 12_800, trainedMs: 1_000, phase },
  },
  records: reasons.map((reason, i) => record(i + 1, reason)),
  ...{ leases: { epoch: 0, cursor: 0, returned: [], open: {} }, scores: [], bans: [], config: null },
});

describe('where a run stands', () => {
  it('tells a stopped run from a live one and counts what was abandoned', () => {
    expect(statusLines('/runs/a', stored('running', [null, 'no-part', null]), false)).toEqual([
      '/runs/a · not running · stopped',
      '  3 rounds, 1 of them abandoned · 12,800 samples · 3.00 MB between volunteers · loss 0.3333',
      `  version ${VERSION}`,
    ]);
  });

  it('speaks of one round as one', () => {
    const [head, figures] = statusLines('/runs/a', stored('running', [null]), true);
    expect(head).toBe('/runs/a · live · running');
    expect(figures).toBe('  1 round · 12,800 samples · 1.00 MB between volunteers · loss 1.0000');
  });

  it('keeps the score within 120 columns', () => {
    const share = { knn: 0.636, probe: 0.576 };
    const score = {
      ...{ round: 9_999, version: VERSION, ...share, baselines: { untrained: share, pixels: share } },
      ...{ testCount: 1_000, trainCount: 3_000, features: 'mean of patch tokens', seconds: 1 },
    };
    const last = statusLines('/runs/a', { ...stored('finished', [null]), scores: [score] }, false).at(-1);
    expect(last).toContain('probe 57.6 % (untrained 57.6, raw pixels 57.6)');
    expect(last!.length).toBeLessThanOrEqual(120);
  });
});
