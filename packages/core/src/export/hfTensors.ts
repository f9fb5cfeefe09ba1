/** The trained parameters and fixed position tables under Hugging Face's state-dict names. */
import type { MaeConfig } from '../models/config.ts';
import { maeSchema, positionTables } from '../models/parameters.ts';
import { unflatten } from '../tensor/params.ts';
import type { NamedTensor } from '../version/safetensors.ts';

/** A position table stands behind this tensor in the state dict of transformers. */
const TABLE_AFTER: Readonly<Record<string, string>> = {
  'vit.embeddings.cls_token': 'vit.embeddings.position_embeddings',
  'decoder.mask_token': 'decoder.decoder_pos_embed',
};

/** All tensors of `ViTMAEForPreTraining`, in state-dict order. Throws when `params` is not of this config. */
export function maeTensors(config: MaeConfig, params: Float32Array): NamedTensor[] {
  const schema = maeSchema(config);
  const views = unflatten(schema, params);
  const tables = new Map(positionTables(config).map((table) => [table.name, table]));
  return schema.flatMap(({ name, shape }): NamedTensor[] => {
    const table = tables.get(TABLE_AFTER[name] ?? '');
    return [{ name, shape, values: views.get(name) ?? new Float32Array(0) }, ...(table ? [table] : [])];
  });
}

const ENCODER = 'vit.';

/** All tensors of `ViTModel` without its pooler, which this model does not have. */
export const encoderTensors = (config: MaeConfig, params: Float32Array): NamedTensor[] =>
  maeTensors(config, params)
    .filter(({ name }) => name.startsWith(ENCODER))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(ENCODER.length) }));
