/**
 * What this project computes for a model on given pictures, so that another implementation can load an export
 * and compare. The tensor backend of this thread must be running.
 */
import { patchCount, patchWidth } from '../models/config.ts';
import { toPatches, wholeInputs } from '../models/maeInputs.ts';
import { maskedAutoencoder } from '../models/maskedAutoencoder.ts';
import type { MaeSpec, ModelSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { encode } from '../models/vit.ts';
import { maskFromNoise, type Masking } from '../nn/masking.ts';
import { normalisePixels } from '../objectives/pixels.ts';
import type { Weights } from '../nn/weights.ts';
import { permutation, split, type Key } from '../random/key.ts';
import { freeing, valuesOf } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';

/** Flat, row-major. */
export interface ParityTensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** What a whole masked autoencoder gives under one masking. */
export interface MaeParity {
  /** `[B, N]` without ties. */
  readonly noise: ParityTensor;
  /** `[B, N, p·p·C]` */
  readonly logits: ParityTensor;
  readonly loss: number;
  /** `[B, N]`, 1 = removed. */
  readonly mask: ParityTensor;
  /** `[B, N]` */
  readonly idsRestore: ParityTensor;
  /** `[B, 1 + V, D]`, of the visible patches. */
  readonly latent: ParityTensor;
}

export interface Parity {
  /** `[B, C, H, W]`, normalised, as fed to the model. */
  readonly pixelValues: ParityTensor;
  /** Of a masked autoencoder only. */
  readonly mae: MaeParity | undefined;
  /** `[B, 1 + N, D]` after the encoder's last LayerNorm, nothing hidden. */
  readonly encoded: ParityTensor;
}

/** Runs the model on `pictures`, uint8 `[B, side, side, C]`; where it hides patches, they are drawn from `from`. */
export function parityOf(spec: ModelSpec, params: Float32Array, pictures: Uint8Array, from: Key): Parity {
  const { config } = spec;
  const [side, C] = [config.imageSize, config.numChannels];
  const B = pictures.length / (side * side * C);
  const pixels = normalisePixels(pictures, spec);
  const patches = toPatches(config, pixels);
  return freeing(() => {
    const weights = uploadParams(schemaOf(spec), params);
    const whole = encode(config, weights, wholeInputs(config, patches)).latent;
    return {
      pixelValues: { shape: [B, C, side, side], values: channelsFirst(pixels, B, C) },
      mae: spec.objective === 'mae' ? maeParity(spec, weights, patches, from) : undefined,
      encoded: { shape: whole.shape, values: valuesOf(whole) },
    };
  });
}

function maeParity({ config }: MaeSpec, weights: Weights, patches: Float32Array, from: Key): MaeParity {
  const [N, width] = [patchCount(config), patchWidth(config)];
  const B = patches.length / (N * width);
  const noise = noiseWithoutTies(from, B, N);
  const masking = maskFromNoise(noise, N, config.maskRatio);
  const mae = maskedAutoencoder(config, weights, patches, masking);
  return {
    noise: { shape: [B, N], values: noise },
    logits: { shape: [B, N, width], values: valuesOf(mae.logits) },
    loss: valuesOf(mae.loss)[0] ?? NaN,
    ...maskingTensors(masking),
    latent: { shape: [B, 1 + masking.lenKeep, config.hiddenSize], values: valuesOf(mae.latent) },
  };
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
