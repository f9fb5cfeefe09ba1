import { beforeAll, describe, expect, it } from 'vitest';
import { encoderConfig } from '../models/config.ts';
import { toPatches, wholeInputs } from '../models/maeInputs.ts';
import { drawParams, encoderSchema } from '../models/parameters.ts';
import { encode } from '../models/vit.ts';
import { key, uint32Stream } from '../random/key.ts';
import { liveTensors, startBackend } from '../tensor/backend.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import { classToken } from '../nn/classToken.ts';
import { encodePictures, encodeTokens } from './encodePictures.ts';
import { normalisePixels } from './pixels.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const config = encoderConfig.parse({
  imageSize: 8,
  patchSize: 4,
  numChannels: 1,
  hiddenSize: 8,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 12,
  layerNormEps: 1e-6,
  qkvBias: true,
});
const spec = { config, mean: [0.5], std: [0.25] };
const schema = encoderSchema(config);
const params = drawParams(schema, key(1)).map((value, i) => value + 0.1 * Math.sin(i));
// More than one batch of 64.
const COUNT = 67;
const next = uint32Stream(key(2));
const pictures = Uint8Array.from({ length: COUNT * 64 }, () => next() >>> 24);

describe('tokens of pictures', () => {
  it('are rows of the latent: the first, and the mean of the others', () => {
    const before = liveTensors();
    const tokens = encodeTokens(spec, { schema, params, pictures, count: COUNT });
    const latent = freeing(() => {
      const patches = toPatches(config, normalisePixels(pictures, spec));
      return valuesOf(encode(config, uploadParams(schema, params), wholeInputs(config, patches)).latent);
    });
    const [T, D] = [5, 8];
    for (let b = 0; b < COUNT; b++) {
      for (let d = 0; d < D; d++) {
        const at = (t: number) => latent[(b * T + t) * D + d] ?? NaN;
        expect(tokens.class[b * D + d]).toBeCloseTo(at(0), 6);
        expect(tokens.mean[b * D + d]).toBeCloseTo((at(1) + at(2) + at(3) + at(4)) / 4, 6);
      }
    }
    expect(encodePictures(spec, { schema, params, pictures, count: COUNT })).toEqual(tokens.mean);
    expect(liveTensors()).toBe(before);
  });

  it('hand the class token alone its gradient', () => {
    const [values, gradient] = freeing(() => {
      const latent = tensorOf(Float32Array.of(9, 8, 1, 2, 3, 6, 7, 5, 0, 0, 4, -2), [2, 3, 2]);
      const dy = tensorOf(Float32Array.of(2, 4, 6, 8), [2, 2]);
      const result = valueAndGradients(() => classToken(latent), [latent], dy);
      return [[...valuesOf(result.value)], [...valuesOf(result.gradients[0] ?? latent)]];
    });
    expect(values).toEqual([9, 8, 7, 5]);
    expect(gradient).toEqual([2, 4, 0, 0, 0, 0, 6, 8, 0, 0, 0, 0]);
  });
});
