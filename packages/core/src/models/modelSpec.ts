import { z } from 'zod';
import { maeConfig, simclrConfig, type EncoderConfig, type MaeConfig, type SimclrConfig } from './config.ts';
import { maePreset, presetNames, simclrPreset, type PictureShape, type PresetName } from './presets.ts';

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

export const maeSpec = z
  .object({
    objective: z.literal('mae'),
    preset: z.enum(presetNames),
    config: maeConfig,
    ...pixelStatistics,
  })
  .refine(oneByChannel, channelMessage);

export const simclrSpec = z
  .object({
    objective: z.literal('simclr'),
    preset: z.enum(presetNames),
    config: simclrConfig,
    ...pixelStatistics,
  })
  .refine(oneByChannel, channelMessage);

/** What travels to volunteers: everything needed to build the model and feed it uint8 pictures. */
export const modelSpec = z.discriminatedUnion('objective', [maeSpec, simclrSpec]);

export type ModelSpec = z.infer<typeof modelSpec>;
export type MaeSpec = z.infer<typeof maeSpec>;
export type SimclrSpec = z.infer<typeof simclrSpec>;

/** What of a preset is to be otherwise, by objective. */
export type ModelChanges =
  | { readonly objective: 'mae'; readonly changes?: Partial<MaeConfig> }
  | { readonly objective: 'simclr'; readonly changes?: Partial<SimclrConfig> };

export type SpecRequest = ModelChanges & {
  readonly preset: PresetName;
  readonly picture: PictureShape;
  readonly pixels: PixelStatistics;
};

/** The specification of a preset for an objective and a data set. Throws where the sizes do not fit together. */
export function specFor(request: SpecRequest): ModelSpec {
  const { objective, preset, picture, pixels } = request;
  const config =
    request.objective === 'mae'
      ? maePreset(preset, picture, request.changes)
      : simclrPreset(preset, picture, request.changes);
  return modelSpec.parse({ objective, preset, config, ...pixels });
}

/** The masked autoencoder of a preset for a data set. */
export const specOf = (preset: PresetName, picture: PictureShape, pixels: PixelStatistics): MaeSpec =>
  maeSpec.parse({ objective: 'mae', preset, config: maePreset(preset, picture), ...pixels });
