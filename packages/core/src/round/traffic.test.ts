import { expect, test } from 'vitest';
import { codecOf, type CodecName } from '../codec/registry.ts';
import { planParts } from './plan.ts';
import { trafficOf } from './traffic.ts';

const PARAMETERS = 5_000_000;
const peers = Array.from({ length: 8 }, (_, i) => `peer${i}`);

test.each<[CodecName, number, number]>([
  ['float32', 35.0, 20.0],
  ['float16', 17.5, 10.0],
  ['int8', 8.76, 5],
  ['int4', 4.65, 2.66],
  ['topk', 1.23, 1.25],
])(
  'RD8: with 5,000,000 parameters, 8 peers and %s each sends %f MB, the coordinator one copy of %f MB each way',
  (codec, volunteerMb, coordinatorMb) => {
    const traffic = trafficOf(planParts(PARAMETERS, peers), peers.length, codecOf(codec));
    expect(traffic.volunteerBytes / 1e6).toBeCloseTo(volunteerMb, 2);
    expect(traffic.reducedBytes / 1e6).toBeCloseTo(coordinatorMb, 2);
    expect(traffic.updateBytes).toBe(traffic.reducedBytes);
  },
);

test('the upload fits its budget: int8 9 MB, int4 4.8 MB, topk 1.5 MB', () => {
  const megabytes = (codec: CodecName) =>
    trafficOf(planParts(PARAMETERS, peers), peers.length, codecOf(codec)).volunteerBytes / 1e6;
  expect(megabytes('int8')).toBeLessThanOrEqual(9);
  expect(megabytes('int4')).toBeLessThanOrEqual(4.8);
  expect(megabytes('topk')).toBeLessThanOrEqual(1.5);
});
