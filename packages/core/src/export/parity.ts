/**
 * What this project computes for a model on given pictures, so that another implementation can load an export
 * and compare. The tensor backend of this thread must be running.
 */
import { patchCount, patchWidth } from '../models/config.ts';
import { encoderInputs, toPatches } from '../models/maeInputs.ts';
import { encode, maskedAutoencoder } from '../models/maskedAutoencoder.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import { maeSchema } from '../models/parameters.ts';
import { maskFromNoise, type Masking } from '../nn/masking.ts';
import { normalisePixels } from '../objectives/pixels.ts';
import { permutation, split, type Key } from '../random/key.ts';
import { freeing, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';

/** Flat, row-major. */
export interface ParityTensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export interface Parity {
  /** `[B, C, H, W]`, normalised, as fed to the model. */
  readonly pixelValues: ParityTensor;
  /** `[B, N]` without ties. */
  readonly noise: ParityTensor;
  readonly mae: {
    /** `[B, N, p·p·C]` */
    readonly logits: ParityTensor;
    readonly loss: number;
    /** `[B, N]`, 1 = removed. */
    readonly mask: ParityTensor;
    /** `[B, N]` */
    readonly idsRestore: ParityTensor;
    /** `[B, 1 + V, D]`, of the visible patches. */
    readonly latent: ParityTensor;
  };
  /** `[B, 1 + N, D]` after the encoder's last LayerNorm, nothing hidden. */
  readonly encoded: ParityTensor;
}

/** Runs the model on `pictures`, uint8 `[B, side, side, C]`, under a masking drawn from `from`. */
export function parityOf(spec: ModelSpec, params: Float32Array, pictures: Uint8Array, from: Key): Parity {
  const { config } = spec;
  const [side, C, N] = [config.imageSize, config.numChannels, patchCount(config)];
  const B = pictures.length / (side * side * C);
  const pixels = normalisePixels(pictures, spec);
  const patches = toPatches(config, pixels);
  const noise = noiseWithoutTies(from, B, N);
  const masking = maskFromNoise(noise, N, config.maskRatio);
  const everyPatch = Int32Array.from({ length: B * N }, (_, i) => i % N);
  return freeing(() => {
    const weights = uploadParams(maeSchema(config), params);
    const mae = maskedAutoencoder(config, weights, patches, masking);
    const whole = encode(config, weights, encoderInputs(config, patches, everyPatch, B)).latent;
    const D = config.hiddenSize;
    return {
      pixelValues: { shape: [B, C, side, side], values: channelsFirst(pixels, B, C) },
      noise: { shape: [B, N], values: noise },
      mae: {
        logits: { shape: [B, N, patchWidth(config)], values: valuesOf(mae.logits) },
        loss: valuesOf(mae.loss)[0] ?? NaN,
        ...maskingTensors(masking),
        latent: { shape: [B, 1 + masking.lenKeep, D], values: valuesOf(mae.latent) },
      },
      encoded: { shape: [B, 1 + N, D], values: valuesOf(whole) },
    };
  });
}

const maskingTensors = ({ batch, patches, mask, idsRestore }: Masking) => ({
  mask: { shape: [batch, patches], values: mask },
  idsRestore: { shape: [batch, patches], values: idsRestore },
});

/** `[B, N]`, each row the numbers (0.5 … N − 0.5) / N in an order of its own. */
function noiseWithoutTies(from: Key, batch: number, patches: number): Float32Array {
  const rows = split(from, batch).map((key) =>
    Array.from(permutation(key, patches), (n) => (n + 0.5) / patches),
  );
  return Float32Array.from(rows.flat());
}

/** NHWC → NCHW. */
function channelsFirst(pixels: Float32Array, batch: number, channels: number): Float32Array {
  const area = pixels.length / batch / channels;
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const [c, position] = [i % channels, Math.floor(i / channels)];
    const picture = Math.floor(position / area);
    out[(picture * channels + c) * area + (position % area)] = pixels[i] as number;
  }
  return out;
}
