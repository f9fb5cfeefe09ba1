import { maeConfig, type MaeConfig } from '@murmur/core/models/config';
import { z } from 'zod';
import { fixtureTensor, tensorsByName, type FixtureFile } from './fixture.ts';

const weightsSchema = z.object({
  config: z.record(z.string(), z.unknown()),
  image: fixtureTensor,
  noise: fixtureTensor,
  params: tensorsByName,
});

export type MaeWeights = Omit<z.infer<typeof weightsSchema>, 'config'> & { readonly config: MaeConfig };

/** Hugging Face's field names in camelCase. */
const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The model and input of `mae_tiny_weights`; the target is set by the fixture that uses them. */
export function maeWeightsOf(file: FixtureFile, normPixLoss: boolean): MaeWeights {
  const { config, ...rest } = weightsSchema.parse(file);
  if (config['hidden_act'] !== undefined && config['hidden_act'] !== 'gelu') {
    throw new Error(`expected hidden_act "gelu", received ${JSON.stringify(config['hidden_act'])}`);
  }
  const fields = Object.fromEntries(Object.entries(config).map(([name, value]) => [camelCase(name), value]));
  return { ...rest, config: maeConfig.parse({ ...fields, normPixLoss }) };
}

export const POSITION_TABLES = ['vit.embeddings.position_embeddings', 'decoder.decoder_pos_embed'];
