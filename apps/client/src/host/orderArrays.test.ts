import { MessageChannel } from 'node:worker_threads';
import { encodeShard, shardHash } from '@murmur/core/data/shard';
import { quietHost, SIDE, testRun } from '@murmur/core/engine/engine.fixture';
import { maeSpec } from '@murmur/core/models/modelSpec';
import { maeSchema } from '@murmur/core/models/parameters';
import { versionName } from '@murmur/core/version/name';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineTrainer } from '@murmur/core/engine/engine';
import type { Batch } from '@murmur/core/objectives/objective';
import { exposeEngine } from './exposeEngine.ts';
import { remoteWorker } from './remoteWorker.ts';

const COUNT = 8;
const fixture = testRun();
const schema = maeSchema(maeSpec.parse(fixture.run.model).config);
const params = new Float32Array(fixture.size);

/** An engine on the other end of a channel, whose trainer keeps what its steps are handed. */
function engineAcross(seen: Batch[]) {
  const trainer: EngineTrainer = {
    ...{ schema, device: 'test', dispose: () => undefined },
    preview: () => Promise.reject(new Error('not asked for here')),
    async train({ nextBatch }) {
      seen.push(nextBatch(0), nextBatch(1));
      return { cancelled: true };
    },
  };
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  exposeEngine(
    quietHost(async () => trainer),
    nodeEndpoint(port1),
  );
  const thread = { endpoint: nodeEndpoint(port2), onCrash: () => undefined, terminate: () => undefined };
  return remoteWorker(thread, 'here').port;
}

test('SH3: labels that are leased move between threads with the pictures of their order', async () => {
  const labels = Uint16Array.from({ length: COUNT }, (_, i) => 300 + i);
  const pixels = new Uint8Array(COUNT * SIDE * SIDE * 3).map((_, i) => Math.floor(i / (SIDE * SIDE * 3)));
  const file = encodeShard({ count: COUNT, side: SIDE, channels: 3, pixels, labels });
  const [hash, base] = [shardHash(file), versionName(params)];
  const dataset = {
    ...fixture.dataset,
    classCount: 400,
    shards: [{ hash, count: COUNT, bytes: file.length }],
  };
  const seen: Batch[] = [];
  const worker = engineAcross(seen);
  await worker.prepare({ ...fixture.run, dataset });
  await worker.load(writeSnapshot(schema, params), base);
  expect(await worker.addShard(hash, file)).toBe(true);
  const leases = [{ shard: hash, epoch: 0, start: 0, count: COUNT }];
  const divided = await worker.divide(fixture.round(base, { batchSize: 4, maxSteps: 2 }), leases, 1);
  const order = divided.kind === 'divided' ? divided.orders[0] : undefined;
  if (!order) throw new Error(JSON.stringify(divided));
  expect(order.labels).toHaveLength(COUNT);
  await worker.work(order, () => undefined);
  expect([order.labels?.length, order.pictures.length]).toEqual([0, 0]);
  const pictureOf = ({ pictures }: Batch, i: number) => pictures[i * SIDE * SIDE * 3] as number;
  for (const batch of seen)
    expect([...(batch.labels ?? [])]).toEqual([0, 1, 2, 3].map((i) => 300 + pictureOf(batch, i)));
  expect(new Set(seen.flatMap(({ labels: some }) => [...(some ?? [])])).size).toBe(COUNT);
});
