import { schemaSize } from '../tensor/params.ts';
import { maeConfig, type MaeConfig } from './config.ts';
import { maeSchema } from './parameters.ts';

export const presetNames = ['nano', 'tiny', 'small', 'base'] as const;
export type PresetName = (typeof presetNames)[number];

interface Size {
  /** Width, depth and heads of the encoder. */
  readonly encoder: readonly [number, number, number];
  readonly decoder: readonly [number, number, number];
}

const sizes: Readonly<Record<PresetName, Size>> = {
  nano: { encoder: [96, 2, 3], decoder: [64, 1, 4] },
  tiny: { encoder: [128, 4, 4], decoder: [64, 2, 4] },
  small: { encoder: [192, 10, 6], decoder: [128, 2, 4] },
  base: { encoder: [384, 12, 6], decoder: [192, 2, 6] },
};

export interface PictureShape {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
}

/**
 * The configuration of a preset for pictures of this shape. Throws where the sizes do not fit together.
 * Raw pixels are the default target: per-patch normalisation amplifies noise in flat patches.
 */
export function presetConfig(
  name: PresetName,
  picture: PictureShape,
  changes: Partial<MaeConfig> = {},
): MaeConfig {
  const [width, depth, heads] = sizes[name].encoder;
  const [decoderWidth, decoderDepth, decoderHeads] = sizes[name].decoder;
  return maeConfig.parse({
    ...picture,
    hiddenSize: width,
    numHiddenLayers: depth,
    numAttentionHeads: heads,
    intermediateSize: 4 * width,
    decoderHiddenSize: decoderWidth,
    decoderNumHiddenLayers: decoderDepth,
    decoderNumAttentionHeads: decoderHeads,
    decoderIntermediateSize: 4 * decoderWidth,
    maskRatio: 0.75,
    normPixLoss: false,
    layerNormEps: 1e-6,
    qkvBias: true,
    ...changes,
  });
}

/** Trainable parameters of a configuration. */
export const parameterCount = (config: MaeConfig): number => schemaSize(maeSchema(config));
