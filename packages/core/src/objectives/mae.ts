import { patchCount, patchWidth, type MaeConfig } from '../models/config.ts';
import { encoderInputs, patchStatistics, toPatches } from '../models/maeInputs.ts';
import { encode, maskedAutoencoder } from '../models/maskedAutoencoder.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import { maeSchema } from '../models/parameters.ts';
import { maskFromNoise, type Masking } from '../nn/masking.ts';
import { unpatchify } from '../nn/patchify.ts';
import { fold, uniform, type Key } from '../random/key.ts';
import { freeing, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import type { Objective, Preview } from './objective.ts';
import { denormalisePixels, normalisePixels } from './pixels.ts';

/** Pictures that are encoded at a time, so that memory does not grow with a data set. */
const ENCODE_BATCH = 64;
const GREY = 128;

/** Bytes of one picture. */
const pictureBytes = (config: MaeConfig): number => config.imageSize ** 2 * config.numChannels;

function countOf(config: MaeConfig, pictures: Uint8Array): number {
  const count = pictures.length / pictureBytes(config);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(
    `mae: expected pictures of ${pictureBytes(config)} bytes each (${config.imageSize}×${config.imageSize}×${config.numChannels}), received ${pictures.length} bytes in all`,
  );
}

function randomMasking(config: MaeConfig, batch: number, key: Key): Masking {
  const N = patchCount(config);
  return maskFromNoise(uniform(fold(key, 'mask'), batch * N), N, config.maskRatio);
}

/** Mean over the patch tokens of `latent` `[B, 1 + N, D]`, into `to`. */
function meanTokens(latent: Float32Array, batch: number, to: Float32Array): void {
  const width = to.length / batch;
  const tokens = latent.length / to.length;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let t = 1; t < tokens; t++) sum += latent[(b * tokens + t) * width + i] as number;
      to[b * width + i] = sum / (tokens - 1);
    }
  }
}

function encodeAll(spec: ModelSpec, params: Float32Array, pictures: Uint8Array): Float32Array {
  const { config } = spec;
  const count = countOf(config, pictures);
  const features = new Float32Array(count * config.hiddenSize);
  freeing(() => {
    const weights = uploadParams(maeSchema(config), params);
    for (let first = 0; first < count; first += ENCODE_BATCH) {
      const last = Math.min(count, first + ENCODE_BATCH);
      const some = pictures.subarray(first * pictureBytes(config), last * pictureBytes(config));
      const patches = toPatches(config, normalisePixels(some, spec));
      const ids = Int32Array.from(
        { length: (last - first) * patchCount(config) },
        (_, i) => i % patchCount(config),
      );
      const latent = freeing(() =>
        valuesOf(encode(config, weights, encoderInputs(config, patches, ids, last - first)).latent),
      );
      meanTokens(
        latent,
        last - first,
        features.subarray(first * config.hiddenSize, last * config.hiddenSize),
      );
    }
  });
  return features;
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

function previewOf(spec: ModelSpec, params: Float32Array, pictures: Uint8Array, key: Key): Preview {
  const { config } = spec;
  const batch = countOf(config, pictures);
  const { imageSize: side, numChannels: channels, patchSize: patch } = config;
  const width = patchWidth(config);
  const geometry = { batch, height: side, width: side, channels, patch };
  const masking = randomMasking(config, batch, key);
  const patches = toPatches(config, normalisePixels(pictures, spec));
  const logits = freeing(() =>
    valuesOf(maskedAutoencoder(config, uploadParams(maeSchema(config), params), patches, masking).logits),
  );
  const grey = normalisePixels(new Uint8Array(width).fill(GREY), spec);
  const pixels = (values: Float32Array) => denormalisePixels(unpatchify(values, geometry), spec);
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
export function mae(spec: ModelSpec): Objective {
  const { config } = spec;
  const schema = maeSchema(config);
  return {
    schema,
    loss: (weights, pictures, key) => {
      const masking = randomMasking(config, countOf(config, pictures), key);
      const patches = toPatches(config, normalisePixels(pictures, spec));
      return maskedAutoencoder(config, weights, patches, masking).loss;
    },
    encode: (params, pictures, count) => {
      if (countOf(config, pictures) !== count) {
        throw new Error(`mae.encode: expected ${count} pictures, received ${countOf(config, pictures)}`);
      }
      return encodeAll(spec, params, pictures);
    },
    preview: (params, pictures, key) => previewOf(spec, params, pictures, key),
  };
}
