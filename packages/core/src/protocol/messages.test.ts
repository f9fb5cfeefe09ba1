import { expect, test } from 'vitest';
import { volunteerMessage } from './messages.ts';
import { roundManifest } from './round.ts';

const hello = { type: 'hello', protocol: 1, name: 'Ada', host: 'browser' };
const ready = {
  ...{ type: 'ready', round: 1, samples: 1, steps: 1, loss: 1, norm: 1, trainMs: 1 },
  ...{ hashes: ['a'.repeat(64)], meshed: [] },
};
const accepts = (message: unknown) => volunteerMessage.safeParse(message).success;

test('AG4: words of a volunteer cannot control the terminal that shows them', () => {
  const parsed = volunteerMessage.parse({ ...hello, name: '\u001b[2JAda\r\nmurmur: done' });
  expect(parsed).toMatchObject({ name: ' [2JAda  murmur: done' });
  const failed = { type: 'failed', round: 1, sentence: 'no\u0007 shard' };
  expect(volunteerMessage.parse(failed)).toMatchObject({ sentence: 'no  shard' });
});

const available = {
  ...{ type: 'available', schemaHash: 'a'.repeat(64), version: 'b'.repeat(64), device: 'test' },
};

test('a volunteer that says nothing of workers has one', () => {
  expect(volunteerMessage.parse(available)).toMatchObject({ workers: 1 });
  expect(volunteerMessage.parse({ ...available, workers: 64 })).toMatchObject({ workers: 64 });
});

test.each([
  ['a name that is empty', { ...hello, name: '' }],
  ['a name too long', { ...hello, name: 'x'.repeat(61) }],
  ['a loss that is no number', { ...ready, loss: NaN }],
  ['a training time without end', { ...ready, trainMs: Infinity }],
  ['no samples', { ...ready, samples: 0 }],
  ['half a step', { ...ready, steps: 0.5 }],
  ['a number that is not exact', { ...ready, samples: 2 ** 60 }],
  ['a hash that is none', { ...ready, hashes: ['x'] }],
  ['no worker', { ...available, workers: 0 }],
  ['half a worker', { ...available, workers: 1.5 }],
  ['more workers than a machine has', { ...available, workers: 65 }],
  ['a peer that is a path', { type: 'relay', to: '../etc', frame: new Uint8Array() }],
])('AG4: %s is malformed', (_, message) => {
  expect([accepts(hello), accepts(ready), accepts(message)]).toEqual([true, true, false]);
});

test('AG2: a manifest names a rule that there is; one without is of a time when all took the mean', () => {
  const manifest = {
    ...{
      run: 'r',
      round: 1,
      base: '0'.repeat(64),
      codec: 'int8',
      seed: 1,
      optimizer: 'sgd',
      learningRate: 1,
    },
    ...{ batchSize: 1, minSteps: 1, maxSteps: 1, trainMs: 1_000, reduceMs: 1_000 },
    members: [{ peer: 'anna', name: 'anna', workers: 1, leases: [] }],
    parts: [{ start: 0, end: 8, owner: 'anna' }],
  };
  expect(roundManifest.parse(manifest).rule).toBe('mean');
  expect(roundManifest.parse({ ...manifest, rule: 'krum' }).rule).toBe('krum');
  expect(roundManifest.safeParse({ ...manifest, rule: 'loudest' }).success).toBe(false);
});
