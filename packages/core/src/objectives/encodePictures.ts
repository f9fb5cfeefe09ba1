import type { EncoderConfig } from '../models/config.ts';
import { toPatches, wholeInputs } from '../models/maeInputs.ts';
import type { EncoderSpec } from '../models/modelSpec.ts';
import { encode } from '../models/vit.ts';
import { meanPatchToken } from '../nn/meanPatchToken.ts';
import { freeing, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import type { ParamSchema } from '../tensor/params.ts';
import { normalisePixels } from './pixels.ts';

/** Pictures that are encoded at a time, so that memory does not grow with a data set. */
const ENCODE_BATCH = 64;

/** Bytes of one picture. */
const pictureBytes = (config: EncoderConfig): number => config.imageSize ** 2 * config.numChannels;

/** How many pictures there are; throws where they are none, or not of the model's size. */
export function pictureCount(config: EncoderConfig, pictures: Uint8Array, caller: string): number {
  const count = pictures.length / pictureBytes(config);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(
    `${caller}: expected pictures of ${pictureBytes(config)} bytes each (${config.imageSize}×${config.imageSize}×${config.numChannels}), received ${pictures.length} bytes in all`,
  );
}

export interface EncodeRequest {
  readonly schema: ParamSchema;
  /** In schema order; the encoder's are among them. */
  readonly params: Float32Array;
  /** uint8 `[count, side, side, C]` */
  readonly pictures: Uint8Array;
  readonly count: number;
}

/** The mean of the patch tokens after the encoder's last LayerNorm, nothing hidden: `[count, D]`. Leaves no tensor behind. */
export function encodePictures(spec: EncoderSpec, request: EncodeRequest): Float32Array {
  const { config } = spec;
  const { schema, params, pictures, count } = request;
  const received = pictureCount(config, pictures, 'encode');
  if (received !== count) throw new Error(`encode: expected ${count} pictures, received ${received}`);
  const features = new Float32Array(count * config.hiddenSize);
  freeing(() => {
    const weights = uploadParams(schema, params);
    for (let first = 0; first < count; first += ENCODE_BATCH) {
      const last = Math.min(count, first + ENCODE_BATCH);
      const some = pictures.subarray(first * pictureBytes(config), last * pictureBytes(config));
      const inputs = wholeInputs(config, toPatches(config, normalisePixels(some, spec)));
      const means = freeing(() => valuesOf(meanPatchToken(encode(config, weights, inputs).latent)));
      features.set(means, first * config.hiddenSize);
    }
  });
  return features;
}
