import { beforeAll, describe, expect, test } from 'vitest';
import { encoderConfig } from '../models/config.ts';
import { drawParams, encoderSchema } from '../models/parameters.ts';
import { key, uint32Stream } from '../random/key.ts';
import { liveTensors, startBackend } from '../tensor/backend.ts';
import { fineTune, type FineTuneTask } from './fineTune.ts';

beforeAll(() => startBackend({}));

const config = encoderConfig.parse({
  imageSize: 16,
  patchSize: 4,
  numChannels: 1,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 32,
  layerNormEps: 1e-6,
  qkvBias: true,
});
const COUNT = 240;
const CLASSES = 4;

/** A bright bar in one of four places, in noise; which place is the class. */
function bars(): Pick<FineTuneTask, 'pictures' | 'labels'> {
  const next = uint32Stream(key(2));
  const labels = Uint16Array.from({ length: COUNT }, () => next() % CLASSES);
  const pictures = Uint8Array.from({ length: COUNT * 256 }, (_, i) => {
    const column = Math.floor((i % 16) / 4);
    return (column === labels[Math.floor(i / 256)] ? 90 : 40) + (next() % 60);
  });
  return { pictures, labels };
}

const task: FineTuneTask = {
  spec: { config, mean: [0.35], std: [0.2] },
  params: drawParams(encoderSchema(config), key(1)),
  ...bars(),
  classes: CLASSES,
  token: 'mean',
};
const rows = Uint32Array.from({ length: COUNT }, (_, i) => i);
const split = { train: rows.slice(0, 160), test: rows.slice(160) };
const procedure = { epochs: 20, batchSize: 16, learningRate: 5e-3 };
const options = { split, key: key(9), procedure };

describe('fine-tuning', () => {
  test.each(['mean', 'class'] as const)(
    'of the whole beats the last layer alone, %s token',
    async (token) => {
      const last = await fineTune('lastLayer', { ...task, token }, options);
      const full = await fineTune('full', { ...task, token }, options);
      expect(full.value).toBeGreaterThan(last.value + 0.1);
      expect(full.value).toBeGreaterThan(0.75);
      expect(full.low).toBeLessThanOrEqual(full.value);
      expect(full.hits.length).toBe(80);
    },
  );

  test('is the same for the same key, leaves the encoder as it was and no tensor behind', async () => {
    const before = { params: task.params.slice(), tensors: liveTensors() };
    const short = { ...options, procedure: { ...procedure, epochs: 1 } };
    const losses: number[] = [];
    const first = await fineTune('full', task, { ...short, onEpoch: (_, loss) => losses.push(loss) });
    expect(await fineTune('full', task, short)).toEqual(first);
    await fineTune('lastLayer', task, short);
    expect(losses.length).toBe(1);
    // A classifier of zeros begins at the loss of a guess.
    expect(losses[0]).toBeLessThan(Math.log(CLASSES) + 0.05);
    expect(task.params).toEqual(before.params);
    expect(liveTensors()).toBe(before.tensors);
  });

  test('the labels of test pictures teach nothing', async () => {
    const labels = task.labels.map((label, row) => (row < 160 ? label : (label + 1) % CLASSES));
    const short = { ...options, procedure: { ...procedure, epochs: 4 } };
    const [right, wrong] = [
      await fineTune('full', task, short),
      await fineTune('full', { ...task, labels }, short),
    ];
    right.hits.forEach((hit, row) => expect(hit + (wrong.hits[row] ?? NaN)).toBeLessThanOrEqual(1));
  });

  test('says that it diverged, and frees what it had', async () => {
    const before = liveTensors();
    const broken = { ...task, params: task.params.map(() => NaN) };
    await expect(fineTune('full', broken, options)).rejects.toThrow('it diverged');
    expect(liveTensors()).toBe(before);
  });
});
