import { beforeAll, describe, expect, it } from 'vitest';
import { simclrConfig } from '../models/config.ts';
import { simclrSpec, type SimclrSpec } from '../models/modelSpec.ts';
import { drawParams, simclrSchema } from '../models/parameters.ts';
import { key, normal, uint32Stream } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { lossAndGradients } from '../tensor/parameters.ts';
import { simclr } from './simclr.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const specWith = (numChannels: number, views: 'simclr' | 'byol'): SimclrSpec =>
  simclrSpec.parse({
    objective: 'simclr',
    preset: 'nano',
    config: simclrConfig.parse({
      imageSize: 8,
      patchSize: 4,
      numChannels,
      hiddenSize: 8,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 12,
      layerNormEps: 1e-6,
      qkvBias: true,
      projectionSizes: [8, 6, 4],
      temperature: 0.5,
      views,
      cropScale: 0.3,
      colorStrength: 0.5,
    }),
    mean: new Array<number>(numChannels).fill(0.4),
    std: new Array<number>(numChannels).fill(0.25),
  });

function pictures(count: number, channels: number): Uint8Array {
  const next = uint32Stream(key(4));
  return Uint8Array.from({ length: count * 8 * 8 * channels }, () => next() >>> 24);
}

function setUp(channels: number, views: 'simclr' | 'byol') {
  const spec = specWith(channels, views);
  const objective = simclr(spec);
  const params = drawParams(objective.schema, key(2)).map((v, i) => v + 0.1 * Math.sin(i));
  const batch = pictures(3, channels);
  const at = (values: Float32Array) =>
    lossAndGradients(objective.schema, values, (weights) =>
      objective.loss(weights, { pictures: batch }, key(3)),
    );
  return { spec, objective, params, batch, at };
}

describe('contrastive objective', () => {
  it.each([
    ['colour pictures, views of SimCLR', 3, 'simclr'],
    ['grey pictures, views of BYOL', 1, 'byol'],
  ] as const)('has the slope of its loss along random directions: %s', (_, channels, views) => {
    const { params, at } = setUp(channels, views);
    const { grads } = at(params);
    for (let direction = 0; direction < 4; direction++) {
      const along = normal(key(100 + direction), params.length);
      const moved = (t: number) => at(params.map((v, i) => v + t * (along[i] as number))).loss;
      const numerical = (moved(1e-3) - moved(-1e-3)) / 2e-3;
      const exact = grads.reduce((sum, g, i) => sum + g * (along[i] as number), 0);
      expect(Math.abs(numerical - exact)).toBeLessThan(5e-3 * Math.max(1, Math.abs(exact)));
    }
  });

  it('reaches every parameter that can matter', () => {
    const { spec, params, at } = setUp(3, 'simclr');
    const { grads } = at(params);
    let start = 0;
    for (const { name, shape } of simclrSchema(spec.config)) {
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

  it('encodes by the encoder alone, a picture alone as it does among others', () => {
    const { objective, params } = setUp(3, 'simclr');
    const many = pictures(70, 3);
    const all = objective.encode(params, many, 70);
    expect(all.length).toBe(70 * 8);
    const last = objective.encode(params, many.subarray(69 * 192), 1);
    last.forEach((value, i) => expect(value).toBeCloseTo(all[69 * 8 + i] as number, 5));
    const otherHead = params.map((v, i) => (i < params.length - 4 * 6 ? v : v + 1));
    expect(objective.encode(otherHead, many, 70)).toEqual(all);
    expect(() => objective.encode(params, many, 69)).toThrow('expected 69 pictures, received 70');
  });

  it('shows the pictures and the very views that a step with the same key contrasts', async () => {
    const { objective, params, batch } = setUp(3, 'simclr');
    const preview = await objective.preview(params, batch, key(3));
    expect(preview).toMatchObject({ side: 8, channels: 3, original: batch });
    expect(preview.masked).not.toEqual(batch);
    expect(preview.masked).not.toEqual(preview.predicted);
    expect(await objective.preview(params, batch, key(3))).toEqual(preview);
    expect((await objective.preview(params, batch, key(5))).masked).not.toEqual(preview.masked);
  });
});
