/** The coordinator's thread with a tensor library: scores versions and computes the numbers an export is checked by. */
import { parentPort, workerData } from 'node:worker_threads';
import { parityOf } from '@murmur/core/export/parity';
import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { scoreRepresentation } from '@murmur/core/evaluate/score';
import { tensorMultiplier } from '@murmur/core/evaluate/tensorProducts';
import { key } from '@murmur/core/random/key';
import { createTrainer } from '@murmur/core/train/trainer';
import type { LearningAnswer, LearningRequest, LearningSetup, LearningValue } from './learningMessages.ts';

const setup = workerData as LearningSetup;
const clock = {
  now: () => performance.now(),
  pause: (ms = 0) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
const trainer = createTrainer(setup.spec, { clock, ...(setup.wasmPath && { wasmPath: setup.wasmPath }) });

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
