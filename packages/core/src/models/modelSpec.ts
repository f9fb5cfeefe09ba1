import { z } from 'zod';
import { maeConfig } from './config.ts';
import { presetConfig, presetNames, type PictureShape, type PresetName } from './presets.ts';

/** What travels to volunteers: everything needed to build the model and feed it uint8 pictures. */
export const modelSpec = z
  .object({
    objective: z.literal('mae'),
    preset: z.enum(presetNames),
    config: maeConfig,
    /** Per channel, of pixels scaled to [0, 1]: the model sees `(pixel / 255 - mean) / std`. */
    mean: z.array(z.number()).min(1).max(4),
    std: z.array(z.number().positive()).min(1).max(4),
  })
  .refine((s) => s.mean.length === s.config.numChannels && s.std.length === s.config.numChannels, {
    message: 'mean and std need one number per channel of the config',
  });

export type ModelSpec = z.infer<typeof modelSpec>;

export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The specification of a preset for a data set. Throws where the sizes do not fit together. */
export function specOf(preset: PresetName, picture: PictureShape, pixels: PixelStatistics): ModelSpec {
  return modelSpec.parse({ objective: 'mae', preset, config: presetConfig(preset, picture), ...pixels });
}
