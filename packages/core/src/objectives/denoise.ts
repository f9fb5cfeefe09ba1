import { gaussianNoise } from '../augment/gaussianNoise.ts';
import { maskingNoise } from '../augment/maskingNoise.ts';
import { compose } from '../augment/pictures.ts';
import type { DenoiseConfig } from '../models/config.ts';
import { denoised, denoiseLoss } from '../models/denoiser.ts';
import { toPatches, toPixels } from '../models/maeInputs.ts';
import type { DenoiseSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { fold, split, type Key } from '../random/key.ts';
import { readFreeing } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Objective, Preview } from './objective.ts';
import { bytePixels, denormalisePixels, normalisePixels, normaliseUnits, unitPixels } from './pixels.ts';

/**
 * Pictures, uint8 `[B, side, side, C]`, as numbers around 0 to 1 with normal noise, and then some of their values at zero, which is
 * black. Picture i draws from `key` and i alone.
 */
function noisyUnits(config: DenoiseConfig, pictures: Uint8Array, key: Key): Float32Array {
  const count = pictureCount(config, pictures, 'denoise');
  const corrupt = compose([gaussianNoise(config.noiseStd), maskingNoise(config.noiseMask)]);
  const { imageSize: side, numChannels: channels } = config;
  return corrupt({ side, channels, values: unitPixels(pictures) }, split(fold(key, 'noise'), count)).values;
}

async function previewOf(
  spec: DenoiseSpec,
  params: Float32Array,
  pictures: Uint8Array,
  key: Key,
): Promise<Preview> {
  const { config } = spec;
  const noisy = noisyUnits(config, pictures, key);
  const patches = toPatches(config, normaliseUnits(noisy, spec));
  const [made] = (await readFreeing(() => [
    denoised(config, uploadParams(schemaOf(spec), params), patches),
  ])) as [Float32Array];
  const { imageSize: side, numChannels: channels } = config;
  const predicted = denormalisePixels(toPixels(config, made), spec);
  return { side, channels, original: pictures.slice(), masked: bytePixels(noisy), predicted };
}

/** The denoising autoencoder (Vincent et al. 2008): predict clean pixels from noisy ones. Encoding adds no noise. */
export function denoise(spec: DenoiseSpec): Objective {
  const { config } = spec;
  const schema = schemaOf(spec);
  return {
    schema,
    loss: (weights, { pictures }, key) =>
      denoiseLoss(config, weights, {
        noisy: toPatches(config, normaliseUnits(noisyUnits(config, pictures, key), spec)),
        clean: toPatches(config, normalisePixels(pictures, spec)),
      }),
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (params, pictures, key) => previewOf(spec, params, pictures, key),
  };
}
