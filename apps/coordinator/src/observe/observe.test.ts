import { describe, expect, it } from 'vitest';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { withAlert, type Alert } from './alerts.ts';
import { dataEvent, roundEvent, scoreEvent } from './jsonEvents.ts';
import { jsonAnnouncer, textAnnouncer, type DoneFacts } from './announcer.ts';
import { formatBytes, roundLine, scoreLine, verdictSentence } from './progressLine.ts';

const record: RoundRecord = {
  round: 12,
  version: 'b'.repeat(64),
  loss: 0.42131,
  volunteers: 2,
  samples: 256,
  samplesPerSecond: 310.6,
  meshBytes: 1_204_000,
  relayBytes: 0,
  coordinatorBytes: 602_000,
  durationMs: 1000,
  exchangeMs: 100,
  steps: 4,
  missingParts: 0,
  reason: null,
};
const score: ScoreRecord = {
  round: 10,
  version: 'b'.repeat(64),
  knn: 0.7456,
  probe: 0.7123,
  baselines: { untrained: { knn: 0.5, probe: 0.62 }, pixels: { knn: 0.4, probe: 0.551 } },
  testCount: 2000,
  trainCount: 10000,
  features: 'mean of patches',
  seconds: 3,
};

describe('progress lines', () => {
  it('tell what a round did', () => {
    expect(roundLine(record)).toBe(
      'round 12 · loss 0.4213 · 2 volunteers · 311 samples/s · mesh 1.20 MB, relay 0 B, coordinator 602 kB',
    );
    expect(roundLine({ ...record, volunteers: 1, loss: null, missingParts: 1 })).toBe(
      'round 12 · loss – · 1 volunteer · 311 samples/s · mesh 1.20 MB, relay 0 B, coordinator 602 kB · 1 missing part',
    );
  });

  it('tell why a round changed nothing, known reason or not', () => {
    expect(roundLine({ ...record, reason: 'no-contribution' })).toBe(
      'round 12 · abandoned · No volunteer finished its training in time, so the round changed nothing.',
    );
    expect(roundLine({ ...record, reason: 'other' })).toBe('round 12 · abandoned · other');
  });

  it('put the score beside both baselines', () => {
    expect(scoreLine(score)).toBe(
      'score after round 10 · probe 71.2 % (untrained 62.0, raw pixels 55.1) · ' +
        'kNN 74.6 % (untrained 50.0, raw pixels 40.0)',
    );
  });

  it('end with how far the encoder lies from both baselines', () => {
    expect(verdictSentence(score)).toBe(
      'A linear probe on the trained encoder is right on 71.2 % of 2000 test pictures: ' +
        '16.1 points above raw pixels (55.1 %), 9.2 points above the untrained encoder (62.0 %).',
    );
    expect(verdictSentence({ ...score, probe: 0.5 })).toContain('5.1 points below raw pixels');
  });

  it('say at the end of a run what it came to, to people and to programs', () => {
    const done = { rounds: 3, version: 'b'.repeat(64), export: 'out' };
    const told = (facts: DoneFacts, json: boolean): string => {
      const lines: string[] = [];
      const announcer = (json ? jsonAnnouncer : textAnnouncer)(
        (text) => lines.push(text),
        () => undefined,
      );
      announcer.done(facts, { keepsServing: false });
      return lines.join('');
    };
    expect(told({ ...done, score }, false)).toContain('16.1 points above raw pixels');
    expect(JSON.parse(told({ ...done, score }, true))).toEqual({
      event: 'done',
      ...done,
      sentence: verdictSentence(score),
    });
    expect(JSON.parse(told(done, true))).toEqual({ event: 'done', ...done });
  });

  it('say how far a score may be off, where that was measured', () => {
    const intervals = { probe: { low: 0.69, high: 0.732 }, knn: { low: 0.7296, high: 0.7616 } };
    expect(scoreLine({ ...score, intervals })).toBe(
      'score after round 10 · probe 71.2 ± 2.1 % (untrained 62.0, raw pixels 55.1) · ' +
        'kNN 74.6 ± 1.6 % (untrained 50.0, raw pixels 40.0)',
    );
    expect(scoreEvent({ ...score, intervals, token: 'mean' })).toMatchObject({ intervals, token: 'mean' });
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [45_600, '45.6 kB'],
    [1.5e16, '15000 TB'],
  ])('show %i bytes as %s', (bytes, shown) => expect(formatBytes(bytes)).toBe(shown));
});

describe('JSON events', () => {
  it('carry a round, with a reason only when it was abandoned', () => {
    expect(roundEvent(record)).toEqual({
      event: 'round',
      round: 12,
      version: record.version,
      loss: 0.42131,
      volunteers: 2,
      samples: 256,
      samplesPerSecond: 310.6,
      meshBytes: 1_204_000,
      relayBytes: 0,
      coordinatorBytes: 602_000,
    });
    expect(roundEvent({ ...record, reason: 'stopped' })).toMatchObject({ reason: 'stopped' });
  });

  it('carry a score with its baselines', () => {
    expect(scoreEvent(score)).toEqual({
      event: 'score',
      round: 10,
      knn: 0.7456,
      probe: 0.7123,
      baselines: score.baselines,
    });
  });

  it('carry what the data are', () => {
    const shard = (count: number) => ({ hash: 'a'.repeat(64), count, bytes: 10 });
    const event = dataEvent({
      format: 'murmur-dataset-1',
      name: 'glyphs',
      side: 32,
      channels: 3,
      patch: 4,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      seed: 0,
      shards: [shard(5), shard(7)],
    });
    expect(event).toEqual({ event: 'data', name: 'glyphs', examples: 12, shards: 2, side: 32, channels: 3 });
  });
});

describe('alerts', () => {
  const alert = (atMs: number, sentence: string): Alert => ({ atMs, level: 'warning', sentence });

  it('come newest first, a repeated one once', () => {
    const list = [alert(1, 'a'), alert(2, 'b'), alert(3, 'a')].reduce<readonly Alert[]>(withAlert, []);
    expect(list).toEqual([alert(3, 'a'), alert(2, 'b')]);
  });

  it('never grow beyond fifty', () => {
    let list: readonly Alert[] = [];
    for (let i = 0; i < 80; i++) list = withAlert(list, alert(i, `${i}`));
    expect(list).toHaveLength(50);
    expect(list[0]?.sentence).toBe('79');
  });
});
