import type { EncoderConfig } from '../models/config.ts';
import { toPatches, wholeInputs } from '../models/maeInputs.ts';
import type { EncoderSpec } from '../models/modelSpec.ts';
import { encode } from '../models/vit.ts';
import { classToken } from '../nn/classToken.ts';
import { meanPatchToken } from '../nn/meanPatchToken.ts';
import { freeing, valuesOf, type Tensor } from '../tensor/ops.ts';
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

/** What of the encoder's output stands for a picture: the mean of its patch tokens, or its class token. */
export const tokenNames = ['mean', 'class'] as const;
export type TokenName = (typeof tokenNames)[number];

/** Latent `[B, 1 + N, D]` → `[B, D]`. */
export const poolings: Readonly<Record<TokenName, (latent: Tensor) => Tensor>> = {
  mean: meanPatchToken,
  class: classToken,
};

/** `[count, D]` of each. */
export type EncodedTokens = Readonly<Record<TokenName, Float32Array>>;

/** Both tokens after the encoder's last LayerNorm, nothing hidden, from one pass. Leaves no tensor behind. */
export function encodeTokens(spec: EncoderSpec, request: EncodeRequest): EncodedTokens {
  const { config } = spec;
  const { schema, params, pictures, count } = request;
  const received = pictureCount(config, pictures, 'encode');
  if (received !== count) throw new Error(`encode: expected ${count} pictures, received ${received}`);
  const size = count * config.hiddenSize;
  const tokens = { mean: new Float32Array(size), class: new Float32Array(size) };
  freeing(() => {
    const weights = uploadParams(schema, params);
    for (let first = 0; first < count; first += ENCODE_BATCH) {
      const last = Math.min(count, first + ENCODE_BATCH);
      const some = pictures.subarray(first * pictureBytes(config), last * pictureBytes(config));
      const inputs = wholeInputs(config, toPatches(config, normalisePixels(some, spec)));
      freeing(() => {
        const { latent } = encode(config, weights, inputs);
        for (const name of tokenNames)
          tokens[name].set(valuesOf(poolings[name](latent)), first * config.hiddenSize);
      });
    }
  });
  return tokens;
}

/** The mean of the patch tokens alone, as `encodeTokens` has it: `[count, D]`. */
export const encodePictures = (spec: EncoderSpec, request: EncodeRequest): Float32Array =>
  encodeTokens(spec, request).mean;
