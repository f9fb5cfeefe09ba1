import { z } from 'zod';
import {
  autoencoderConfig,
  colorizeConfig,
  denoiseConfig,
  maeConfig,
  simclrConfig,
  supervisedConfig,
  type ConfigByObjective,
  type EncoderConfig,
} from './config.ts';
import { maePreset, presetFields, presetNames, type PictureShape, type PresetName } from './presets.ts';
import type { ObjectiveName } from './recipes.ts';
import { sharedStatistics } from './sharedStatistics.ts';

/** Per channel, of pixels scaled to [0, 1]: the model sees `(pixel / 255 - mean) / std`. */
const pixelStatistics = {
  mean: z.array(z.number()).min(1).max(4),
  std: z.array(z.number().positive()).min(1).max(4),
};

export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What it takes to encode pictures, whatever the encoder was trained to do. */
export interface EncoderSpec extends PixelStatistics {
  readonly config: EncoderConfig;
}

const oneByChannel = ({ config, mean, std }: EncoderSpec): boolean =>
  mean.length === config.numChannels && std.length === config.numChannels;

const channelMessage = { message: 'mean and std need one number per channel of the config' };

const presetName = z.enum(presetNames);

/** An objective's model with what it takes to feed it. */
const specSchema = <O extends ObjectiveName, C extends z.ZodType<EncoderConfig>>(objective: O, config: C) =>
  z
    .object({ objective: z.literal(objective), preset: presetName, config, ...pixelStatistics })
    .refine((spec) => oneByChannel(spec as EncoderSpec), channelMessage);

export const maeSpec = specSchema('mae', maeConfig);
export const simclrSpec = specSchema('simclr', simclrConfig);
export const autoencoderSpec = specSchema('autoencoder', autoencoderConfig);
export const denoiseSpec = specSchema('denoise', denoiseConfig);
export const colorizeSpec = specSchema('colorize', colorizeConfig);
export const supervisedSpec = specSchema('supervised', supervisedConfig);

/** What travels to volunteers: everything needed to build the model and feed it uint8 pictures. */
export const modelSpec = z.discriminatedUnion('objective', [
  maeSpec,
  simclrSpec,
  autoencoderSpec,
  denoiseSpec,
  colorizeSpec,
  supervisedSpec,
]);

export type ModelSpec = z.infer<typeof modelSpec>;
export type MaeSpec = z.infer<typeof maeSpec>;
export type SimclrSpec = z.infer<typeof simclrSpec>;
export type AutoencoderSpec = z.infer<typeof autoencoderSpec>;
export type DenoiseSpec = z.infer<typeof denoiseSpec>;
export type ColorizeSpec = z.infer<typeof colorizeSpec>;
export type SupervisedSpec = z.infer<typeof supervisedSpec>;

/** What of a preset is to be otherwise, by objective. */
export type ModelChanges<O extends ObjectiveName = ObjectiveName> = {
  readonly [K in O]: { readonly objective: K; readonly changes?: Partial<ConfigByObjective[K]> };
}[O];

export type SpecRequest = ModelChanges & {
  readonly preset: PresetName;
  readonly picture: PictureShape;
  readonly pixels: PixelStatistics;
};

/**
 * The specification of a preset for an objective and a data set; a colorizer's channels share their statistics, so that grey
 * reaches it the same in all three. Throws where the sizes do not fit together.
 */
export function specFor({ objective, preset, picture, pixels, changes }: SpecRequest): ModelSpec {
  const config = { ...presetFields(objective, preset, picture), ...changes };
  const statistics = objective === 'colorize' ? sharedStatistics(pixels) : pixels;
  return modelSpec.parse({ objective, preset, config, ...statistics });
}

/** The masked autoencoder of a preset for a data set. */
export const specOf = (preset: PresetName, picture: PictureShape, pixels: PixelStatistics): MaeSpec =>
  maeSpec.parse({ objective: 'mae', preset, config: maePreset(preset, picture), ...pixels });
