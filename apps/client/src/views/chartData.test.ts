import { describe, expect, it } from 'vitest';
import { roundRecordFixture, scoreFixture } from '../gallery/records.fixture.ts';
import { describeLoss, lossData, scoreData, stacked, trafficData } from './chartData.ts';

const abandoned = roundRecordFixture(2, { loss: null, reason: 'no-contribution' });
const records = [
  roundRecordFixture(1, { loss: 0.9, meshBytes: 10, relayBytes: 1, coordinatorBytes: 5 }),
  abandoned,
  roundRecordFixture(3, { loss: 0.7, meshBytes: 20, relayBytes: 0, coordinatorBytes: 6 }),
];

describe('loss', () => {
  it('leaves abandoned rounds out of the curve', () => {
    expect(lossData(records)).toEqual([
      [1, 3],
      [0.9, 0.7],
    ]);
  });

  it('can be read instead of seen', () => {
    expect(describeLoss([])).toBe('Loss per round: no round is committed yet.');
    expect(describeLoss(records.slice(0, 2))).toBe('Loss per round: 0.900 in round 1.');
    expect(describeLoss(records)).toBe('Loss per round: 0.900 in round 1, 0.700 in round 3.');
  });
});

describe('traffic', () => {
  it('counts abandoned rounds too: their bytes were sent', () => {
    expect(trafficData(records)[0]).toEqual([1, 2, 3]);
  });

  it('stacks each series on those before it and takes a gap as nothing', () => {
    expect(
      stacked([
        [1, 2],
        [10, 20],
        [1, null],
        [5, 6],
      ]),
    ).toEqual([
      [1, 2],
      [10, 20],
      [11, 20],
      [16, 26],
    ]);
  });
});

describe('scores', () => {
  it('starts at round 0 on the untrained baseline and draws both baselines to the end', () => {
    const scores = [scoreFixture(5, { probe: 0.4 }), scoreFixture(10, { probe: 0.5 })];
    const { untrained, pixels } = scores[1]!.baselines;
    expect(scoreData(scores, 'probe')).toEqual([
      [0, 5, 10],
      [untrained.probe, 0.4, 0.5],
      [untrained.probe, untrained.probe, untrained.probe],
      [pixels.probe, pixels.probe, pixels.probe],
    ]);
  });

  it('draws nothing before the first score', () => {
    expect(scoreData([], 'knn')).toEqual([[], [], [], []]);
  });

  it('does not draw round 0 twice', () => {
    expect(scoreData([scoreFixture(0, {}), scoreFixture(4, {})], 'knn')[0]).toEqual([0, 4]);
  });
});
