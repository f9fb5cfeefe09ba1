import { patchCount, patchWidth, type MaeConfig } from '../models/config.ts';
import { patchStatistics, toPatches, toPixels } from '../models/maeInputs.ts';
import { maeLoss, maskedAutoencoder } from '../models/maskedAutoencoder.ts';
import type { MaeSpec } from '../models/modelSpec.ts';
import { maeSchema } from '../models/parameters.ts';
import { maskFromNoise, type Masking } from '../nn/masking.ts';
import { fold, uniform, type Key } from '../random/key.ts';
import { readFreeing } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Objective, Preview } from './objective.ts';
import { denormalisePixels, normalisePixels } from './pixels.ts';

const GREY = 128;

function randomMasking(config: MaeConfig, batch: number, key: Key): Masking {
  const N = patchCount(config);
  return maskFromNoise(uniform(fold(key, 'mask'), batch * N), N, config.maskRatio);
}

/** Copies `into` with every removed patch replaced by `fill` of its original. */
function replaceHidden(
  patches: Float32Array,
  mask: Float32Array,
  fill: (start: number, original: Float32Array) => Float32Array,
): Float32Array {
  const width = patches.length / mask.length;
  const out = patches.slice();
  mask.forEach((removed, n) => {
    if (removed === 1) out.set(fill(n * width, patches.subarray(n * width, (n + 1) * width)), n * width);
  });
  return out;
}

/** The prediction of one patch in normalised pixels, given the original that per-patch normalisation was made from. */
function patchPixels(config: MaeConfig, predicted: Float32Array, original: Float32Array): Float32Array {
  if (!config.normPixLoss) return predicted;
  const { mean, deviation } = patchStatistics(original);
  return predicted.map((value) => value * deviation + mean);
}

async function previewOf(
  spec: MaeSpec,
  params: Float32Array,
  pictures: Uint8Array,
  key: Key,
): Promise<Preview> {
  const { config } = spec;
  const batch = pictureCount(config, pictures, 'mae');
  const { imageSize: side, numChannels: channels } = config;
  const width = patchWidth(config);
  const masking = randomMasking(config, batch, key);
  const patches = toPatches(config, normalisePixels(pictures, spec));
  const [logits] = (await readFreeing(() => [
    maskedAutoencoder(config, uploadParams(maeSchema(config), params), patches, masking).logits,
  ])) as [Float32Array];
  const grey = normalisePixels(new Uint8Array(width).fill(GREY), spec);
  const pixels = (values: Float32Array) => denormalisePixels(toPixels(config, values), spec);
  const predicted = replaceHidden(patches, masking.mask, (start, original) =>
    patchPixels(config, logits.subarray(start, start + width), original),
  );
  return {
    side,
    channels,
    original: pictures.slice(),
    masked: pixels(replaceHidden(patches, masking.mask, () => grey)),
    predicted: pixels(predicted),
  };
}

/** The masked autoencoder (He et al. 2022): hide most patches, predict their pixels. */
export function mae(spec: MaeSpec): Objective {
  const { config } = spec;
  const schema = maeSchema(config);
  return {
    schema,
    loss: (weights, { pictures }, key) => {
      const masking = randomMasking(config, pictureCount(config, pictures, 'mae'), key);
      const patches = toPatches(config, normalisePixels(pictures, spec));
      return maeLoss(config, weights, patches, masking);
    },
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (params, pictures, key) => previewOf(spec, params, pictures, key),
  };
}
