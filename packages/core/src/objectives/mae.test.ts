import { beforeAll, describe, expect, it } from 'vitest';
import { maeConfig } from '../models/config.ts';
import { maeSpec, type MaeSpec } from '../models/modelSpec.ts';
import { initialParams, maeSchema } from '../models/parameters.ts';
import { key, normal, uint32Stream } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { lossAndGradients } from '../tensor/parameters.ts';
import { mae } from './mae.ts';
import type { Objective } from './objective.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const specWith = (normPixLoss: boolean, qkvBias = true): MaeSpec =>
  maeSpec.parse({
    objective: 'mae',
    preset: 'nano',
    config: maeConfig.parse({
      imageSize: 8,
      patchSize: 2,
      numChannels: 3,
      hiddenSize: 8,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 12,
      decoderHiddenSize: 4,
      decoderNumHiddenLayers: 1,
      decoderNumAttentionHeads: 1,
      decoderIntermediateSize: 8,
      maskRatio: 0.6,
      normPixLoss,
      layerNormEps: 1e-6,
      qkvBias,
    }),
    mean: [0.5, 0.4, 0.3],
    std: [0.25, 0.2, 0.3],
  });

function pictures(count: number): Uint8Array {
  const next = uint32Stream(key(4));
  return Uint8Array.from({ length: count * 8 * 8 * 3 }, () => next() >>> 24);
}

const lossAndGrads = (objective: Objective, params: Float32Array, batch: Uint8Array) =>
  lossAndGradients(objective.schema, params, (weights) =>
    objective.loss(weights, { pictures: batch }, key(3)),
  );

describe('masked autoencoder objective', () => {
  it.each([
    ['raw pixels', specWith(false)],
    ['normalised pixels, no qkv bias', specWith(true, false)],
  ])('has the slope of its loss along random directions: %s', (_, spec) => {
    const objective = mae(spec);
    const params = initialParams(spec.config, key(2)).map((v, i) => v + 0.1 * Math.sin(i));
    const batch = pictures(3);
    const { grads } = lossAndGrads(objective, params, batch);
    for (let direction = 0; direction < 4; direction++) {
      const along = normal(key(100 + direction), params.length);
      const at = (t: number) =>
        lossAndGrads(
          objective,
          params.map((v, i) => v + t * (along[i] as number)),
          batch,
        ).loss;
      const numerical = (at(1e-3) - at(-1e-3)) / 2e-3;
      const exact = grads.reduce((sum, g, i) => sum + g * (along[i] as number), 0);
      expect(Math.abs(numerical - exact)).toBeLessThan(5e-3 * Math.max(1, Math.abs(exact)));
    }
  });

  it('reaches every parameter that can matter', () => {
    const spec = specWith(false);
    const { grads } = lossAndGrads(mae(spec), initialParams(spec.config, key(2)), pictures(3));
    let start = 0;
    for (const { name, shape } of maeSchema(spec.config)) {
      const end = start + shape.reduce((a, b) => a * b, 1);
      // a key's bias shifts all scores of a row alike, so softmax does not see it
      if (!name.endsWith('key.bias'))
        expect(
          grads.subarray(start, end).some((g) => g !== 0),
          name,
        ).toBe(true);
      start = end;
    }
    expect(start).toBe(grads.length);
  });

  it('encodes a picture alone as it does among others', () => {
    const spec = specWith(false);
    const params = initialParams(spec.config, key(2));
    const many = pictures(70);
    const all = mae(spec).encode(params, many, 70);
    expect(all.length).toBe(70 * 8);
    const last = mae(spec).encode(params, many.subarray(69 * 192), 1);
    last.forEach((value, i) => expect(value).toBeCloseTo(all[69 * 8 + i] as number, 5));
  });

  it.each([false, true])(
    'shows visible patches as they are and hides the rest (normPixLoss %s)',
    async (normPixLoss) => {
      const spec = specWith(normPixLoss);
      const original = pictures(2);
      const preview = await mae(spec).preview(initialParams(spec.config, key(2)), original, key(3));
      expect(preview).toMatchObject({ side: 8, channels: 3, original });
      const grey = preview.masked.reduce(
        (count, v, i) => count + (v === 128 && preview.masked[i] !== original[i] ? 1 : 0),
        0,
      );
      expect(grey).toBeGreaterThan(0.55 * original.length); // 10 of 16 patches are hidden
      preview.masked.forEach((v, i) => {
        if (v !== 128) expect([v, preview.predicted[i]]).toEqual([original[i], original[i]]);
      });
      expect(preview.predicted).not.toEqual(original);
    },
  );
});
