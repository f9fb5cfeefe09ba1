/** The coordinator's thread with a tensor library: scores versions and computes the numbers an export is checked by. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { recompute } from '@murmur/core/engine/recompute';
import { createShardStore } from '@murmur/core/engine/shardStore';
import { parityOf } from '@murmur/core/export/parity';
import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { scoreRepresentation } from '@murmur/core/evaluate/score';
import { tensorMultiplier } from '@murmur/core/evaluate/tensorProducts';
import { fold, key } from '@murmur/core/random/key';
import { createTrainer } from '@murmur/core/train/trainer';
import { drawMap } from './drawMap.ts';
import type { LearningAnswer, LearningRequest, LearningSetup, LearningValue } from './learningMessages.ts';
import { mapRows } from './mapPictures.ts';

const setup = workerData as LearningSetup;
const clock = {
  now: () => performance.now(),
  pause: (ms = 0) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
const makeTrainer = () =>
  createTrainer(setup.spec, { clock, ...(setup.wasmPath && { wasmPath: setup.wasmPath }) });
const trainer = makeTrainer();

parentPort?.on('message', (request: LearningRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});

async function answer(request: LearningRequest): Promise<LearningAnswer> {
  try {
    return await valueOf(request);
  } catch (error) {
    return { type: 'failed', sentence: error instanceof Error ? error.message : String(error) };
  }
}

async function valueOf(request: LearningRequest): Promise<LearningValue> {
  const { encode } = await trainer;
  const { config } = setup.spec;
  switch (request.type) {
    case 'scoreEncoder':
      return score((pictures, rows) => ({
        values: encode(request.params, pictures, rows),
        rows,
        width: config.hiddenSize,
      }));
    case 'scorePixels':
      return score((pictures) =>
        pixelFeatures(pictures, { side: config.imageSize, channels: config.numChannels }),
      );
    case 'map':
      return map(encode, request);
    case 'recompute':
      return trainAgain(request);
    case 'parity':
      return {
        type: 'parity',
        parity: parityOf(setup.spec, request.params, request.pictures, key(request.seed)),
      };
  }
}

function score(featuresOf: (pictures: Uint8Array, count: number) => Matrix): LearningValue {
  const { labelled } = setup;
  if (labelled === undefined) throw new Error('learningWorker: expected labelled pictures to score with');
  const started = clock.now();
  const { labels, classes, testCount } = labelled;
  const features = featuresOf(labelled.pictures, labels.length);
  if (!features.values.every(Number.isFinite)) {
    throw new Error('The encoder gives features that are not finite: this version has diverged.');
  }
  const rows = Uint32Array.from(labels.keys());
  const split = { test: rows.slice(0, testCount), train: rows.slice(testCount) };
  const result = scoreRepresentation({ features, labels, classes }, { split, multiplier: tensorMultiplier });
  return { type: 'scored', score: result, seconds: (clock.now() - started) / 1000 };
}

type Encode = (params: Float32Array, pictures: Uint8Array, count: number) => Float32Array;

/** Nothing is kept from one check to the next: there is most of the time between them, and shards are small. */
async function trainAgain({
  stints,
  part,
  dataset,
  files,
  deadlineMs,
}: Extract<LearningRequest, { type: 'recompute' }>): Promise<LearningValue> {
  const untilMs = clock.now() + deadlineMs;
  const shards = createShardStore(dataset);
  for (const [hash, path] of Object.entries(files)) {
    if (!shards.add(hash, await readFile(path))) throw new Error(`The shard ${path} is damaged.`);
  }
  const isOver = (): boolean => clock.now() > untilMs;
  const done = await recompute({ makeTrainer, shards, isOver }, stints);
  if (done.kind === 'failed') throw new Error(done.sentence);
  return { type: 'recomputed', gradient: done.gradient.slice(part.start, part.end) };
}

/** Always of the same key: what moves a point is the encoder. */
function map(encode: Encode, request: Extract<LearningRequest, { type: 'map' }>): LearningValue {
  const { labelled } = setup;
  if (labelled === undefined) throw new Error('learningWorker: expected pictures to draw a map of');
  const started = clock.now();
  const { pictures, count } = mapRows(labelled);
  const values = encode(request.params, pictures, count);
  const features = { values, rows: count, width: setup.spec.config.hiddenSize };
  const layouts = drawMap(features, request.previous, fold(key(0), 'map'));
  return { type: 'mapped', layouts, seconds: (clock.now() - started) / 1000 };
}
