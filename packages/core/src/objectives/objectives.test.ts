/** What is asked of every objective. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Weights } from '../nn/weights.ts';
import { encoderSchema } from '../models/parameters.ts';
import { objectiveNames, type ObjectiveName } from '../models/recipes.ts';
import { key, normal } from '../random/key.ts';
import { liveTensors, startBackend } from '../tensor/backend.ts';
import { schemaSize, unflatten } from '../tensor/params.ts';
import { createLocalModel } from '../train/localModel.ts';
import { SIDE, smallModel, smallSpec, twoColours } from './objective.fixture.ts';

const changes: Partial<Record<ObjectiveName, Record<string, unknown>>> = {
  mae: { decoderHiddenSize: 4, decoderNumAttentionHeads: 1, decoderIntermediateSize: 8, maskRatio: 0.5 },
  supervised: { numClasses: 2 },
  autoencoder: { bottleneck: 3, decoderHiddenSize: 5, decoderIntermediateSize: 7 },
};
const setUp = (name: ObjectiveName) => smallModel(smallSpec(name, changes[name]));

describe.each(objectiveNames)('%s', (name) => {
  beforeAll(() => startBackend({ backend: 'murmur' }));

  it('has the slope of its loss along random directions', () => {
    const { params, at } = setUp(name);
    const batch = twoColours(3);
    const { grads } = at(params, batch);
    for (let direction = 0; direction < 4; direction++) {
      const along = normal(key(100 + direction), params.length);
      const shifted = (t: number) => params.map((v, i) => v + t * (along[i] as number));
      const moved = (t: number) => at(shifted(t), batch).loss;
      const numerical = (moved(1e-3) - moved(-1e-3)) / 2e-3;
      const exact = grads.reduce((sum, g, i) => sum + g * (along[i] as number), 0);
      expect(Math.abs(numerical - exact)).toBeLessThan(5e-3 * Math.max(1, Math.abs(exact)));
    }
  });

  it('reaches every parameter that can matter', () => {
    const { objective, params, at } = setUp(name);
    const views = unflatten(objective.schema, at(params, twoColours(3)).grads);
    for (const [parameter, gradient] of views) {
      // a key's bias shifts all scores of a row alike, so softmax does not see it
      if (!parameter.endsWith('key.bias'))
        expect(
          gradient.some((g) => g !== 0),
          parameter,
        ).toBe(true);
    }
  });

  it('learns: some steps on a batch lower its loss', async () => {
    const { objective, params } = setUp(name);
    const model = createLocalModel(objective.schema);
    model.load(params);
    const batch = twoColours(4);
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const loss = (weights: Weights) => objective.loss(weights, batch, key(6));
      losses.push(await model.step(loss, { optimizer: 'adamw', learningRate: 5e-3 }));
    }
    model.dispose();
    expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number));
  });

  it('encodes by the encoder alone, which comes first, and a picture alone as among others', () => {
    const { spec, objective, params } = setUp(name);
    const { pictures } = twoColours(70);
    const all = objective.encode(params, pictures, 70);
    expect(all.length).toBe(70 * 8);
    const last = objective.encode(params, pictures.subarray(69 * SIDE * SIDE * 3), 1);
    last.forEach((value, i) => expect(value).toBeCloseTo(all[69 * 8 + i] as number, 5));
    const encoderSize = schemaSize(encoderSchema(spec.config));
    const otherHead = params.map((v, i) => (i < encoderSize ? v : v + 1));
    expect(objective.encode(otherHead, pictures, 70)).toEqual(all);
  });

  it('shows three rows of pictures, the same for the same key, and leaves no tensor behind', async () => {
    const { objective, params, at } = setUp(name);
    const batch = twoColours(2);
    const before = liveTensors();
    const preview = await objective.preview(params, batch.pictures, key(3));
    at(params, batch);
    expect(liveTensors()).toBe(before);
    expect(preview).toMatchObject({ side: SIDE, channels: 3, original: batch.pictures });
    expect(preview.masked.length).toBe(batch.pictures.length);
    expect(preview.predicted.length).toBe(batch.pictures.length);
    expect(await objective.preview(params, batch.pictures, key(3))).toEqual(preview);
  });

  it('refuses pictures of another size', () => {
    const { params, at } = setUp(name);
    expect(() => at(params, { pictures: new Uint8Array(100), labels: new Uint16Array(1) })).toThrow(
      `${name}: expected pictures of 192 bytes each (8×8×3), received 100 bytes in all`,
    );
  });
});
