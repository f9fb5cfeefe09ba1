import {
  maeConfig,
  simclrConfig,
  type ConfigByObjective,
  type EncoderConfig,
  type MaeConfig,
  type SimclrConfig,
} from './config.ts';
import {
  autoencoderRecipe,
  colorizeRecipe,
  denoiseRecipe,
  maeRecipe,
  simclrRecipe,
  type ObjectiveName,
} from './recipes.ts';

export const presetNames = ['nano', 'tiny', 'small', 'base'] as const;
export type PresetName = (typeof presetNames)[number];

interface Size {
  /** Width, depth and heads of the encoder. */
  readonly encoder: readonly [number, number, number];
  readonly decoder: readonly [number, number, number];
  /** Widths of the projection head. */
  readonly projection: readonly number[];
}

const sizes: Readonly<Record<PresetName, Size>> = {
  nano: { encoder: [96, 2, 3], decoder: [64, 1, 4], projection: [96, 64] },
  tiny: { encoder: [128, 4, 4], decoder: [64, 2, 4], projection: [128, 64] },
  small: { encoder: [192, 10, 6], decoder: [128, 2, 4], projection: [192, 128] },
  base: { encoder: [384, 12, 6], decoder: [192, 2, 6], projection: [384, 128] },
};

export interface PictureShape {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
}

function encoderPreset(name: PresetName, picture: PictureShape): EncoderConfig {
  const [width, depth, heads] = sizes[name].encoder;
  return {
    ...picture,
    hiddenSize: width,
    numHiddenLayers: depth,
    numAttentionHeads: heads,
    intermediateSize: 4 * width,
    layerNormEps: 1e-6,
    qkvBias: true,
  };
}

/** What each objective adds to the encoder: sizes by preset, and its recipe. */
const additions: {
  readonly [O in ObjectiveName]: (size: Size, picture: PictureShape) => Partial<ConfigByObjective[O]>;
} = {
  mae: ({ decoder: [width, depth, heads] }) => ({
    decoderHiddenSize: width,
    decoderNumHiddenLayers: depth,
    decoderNumAttentionHeads: heads,
    decoderIntermediateSize: 4 * width,
    ...maeRecipe,
  }),
  simclr: ({ projection }) => ({ projectionSizes: [...projection], ...simclrRecipe }),
  autoencoder: ({ decoder: [width] }) => ({
    decoderHiddenSize: width,
    decoderIntermediateSize: 4 * width,
    ...autoencoderRecipe,
  }),
  denoise: () => denoiseRecipe,
  colorize: (_, { patchSize }) => ({ cellsPerSide: patchSize % 2 === 0 ? 2 : 1, ...colorizeRecipe }),
  supervised: () => ({}), // the data say how many classes there are
};

/** The fields of a preset's model for pictures of this shape; its config's schema checks that they fit together. */
export function presetFields<O extends ObjectiveName>(
  objective: O,
  name: PresetName,
  picture: PictureShape,
): EncoderConfig & Partial<ConfigByObjective[O]> {
  return { ...encoderPreset(name, picture), ...additions[objective](sizes[name], picture) };
}

/** The masked autoencoder of a preset for pictures of this shape. Throws where the sizes do not fit together. */
export const maePreset = (
  name: PresetName,
  picture: PictureShape,
  changes: Partial<MaeConfig> = {},
): MaeConfig => maeConfig.parse({ ...presetFields('mae', name, picture), ...changes });

/** The contrastive model of a preset for pictures of this shape. Throws where the sizes do not fit together. */
export const simclrPreset = (
  name: PresetName,
  picture: PictureShape,
  changes: Partial<SimclrConfig> = {},
): SimclrConfig => simclrConfig.parse({ ...presetFields('simclr', name, picture), ...changes });
