/** What the autoencoder and the denoiser are asked beyond what every objective is. */
import { beforeAll, describe, expect, it } from 'vitest';
import { autoencoder as throughCode } from '../models/autoencoder.ts';
import { toPatches } from '../models/maeInputs.ts';
import { autoencoderSpec, denoiseSpec } from '../models/modelSpec.ts';
import { key } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import { unflatten } from '../tensor/params.ts';
import { SIDE, smallModel, smallSpec, twoColours } from './objective.fixture.ts';
import { normalisePixels } from './pixels.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const SIZES = { bottleneck: 3, decoderHiddenSize: 5, decoderIntermediateSize: 7 };
const { pictures } = twoColours(3);

describe('autoencoder', () => {
  const spec = autoencoderSpec.parse(smallSpec('autoencoder', SIZES));
  const { objective, params, at } = smallModel(spec);

  it('makes every pixel from a code of the width asked for; its loss is their mean squared error', () => {
    const patches = toPatches(spec.config, normalisePixels(pictures, spec));
    const [code, made, loss] = freeing(() => {
      const out = throughCode(spec.config, uploadParams(objective.schema, params), patches);
      expect(out.code.shape).toEqual([3, 3]);
      expect(out.reconstruction.shape).toEqual([3, 4, 48]);
      return [out.code, out.reconstruction, out.loss].map(valuesOf) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
    });
    expect(new Set(code).size).toBe(9);
    const slow = made.reduce((sum, value, i) => sum + (value - (patches[i] as number)) ** 2, 0) / made.length;
    expect(loss[0]).toBeCloseTo(slow, 4);
    expect(at(params, { pictures }).loss).toBeCloseTo(slow, 4);
  });

  it('knows nothing of a picture but its code: without it, all pictures look alike', async () => {
    const blind = params.slice();
    unflatten(objective.schema, blind).get('bottleneck.tokens.weight')?.fill(0);
    const { masked, predicted } = await objective.preview(blind, pictures, key(1));
    expect(masked).toEqual(pictures);
    const size = SIDE * SIDE * 3;
    expect(predicted.slice(0, size)).toEqual(predicted.slice(size, 2 * size));
    const seeing = await objective.preview(params, pictures, key(1));
    expect(seeing.predicted.slice(0, size)).not.toEqual(seeing.predicted.slice(size, 2 * size));
  });
});

describe('denoise', () => {
  const specWith = (noiseStd: number, noiseMask: number) =>
    denoiseSpec.parse(smallSpec('denoise', { noiseStd, noiseMask }));

  it('shows the noisy pictures of its key: values at zero, and noise on the others', async () => {
    const { objective, params } = smallModel(specWith(0, 0.5));
    const { masked } = await objective.preview(params, pictures, key(3));
    const gone = masked.reduce((count, v, i) => count + (v === 0 && pictures[i] !== 0 ? 1 : 0), 0);
    expect(Math.abs(gone / masked.length - 0.5)).toBeLessThan(0.1);
    masked.forEach((v, i) => expect([0, pictures[i]]).toContain(v));
    expect((await objective.preview(params, pictures, key(4))).masked).not.toEqual(masked);
    const noisy = await smallModel(specWith(0.1, 0)).objective.preview(params, pictures, key(3));
    const moved = noisy.masked.map((v, i) => Math.abs(v - (pictures[i] as number)));
    expect(moved.reduce((a, b) => a + b, 0) / moved.length).toBeGreaterThan(10); // 0.8 of 25.5, less what is clipped
  });

  it('asks for clean pixels: the same noise and another clean picture is another loss', () => {
    const { params, at } = smallModel(specWith(0, 0.99));
    const black = { pictures: new Uint8Array(pictures.length) };
    const white = { pictures: new Uint8Array(pictures.length).fill(255) };
    expect(at(params, white).loss).not.toBeCloseTo(at(params, black).loss, 1);
  });

  it('draws a picture’s noise by its key and place, so that a step is the same wherever it is computed', () => {
    const { params, at } = smallModel(specWith(0.2, 0.25));
    expect(at(params, { pictures })).toEqual(at(params, { pictures }));
  });

  it('needs noise of one kind at least', () => {
    expect(() => specWith(0, 0)).toThrow('there would be no noise to take away');
    expect(specWith(0.1, 0).config.noiseMask).toBe(0);
  });
});
