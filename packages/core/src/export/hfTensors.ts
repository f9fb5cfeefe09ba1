/** The trained parameters and fixed position tables under Hugging Face's state-dict names. */
import type { EncoderConfig, MaeConfig } from '../models/config.ts';
import {
  encoderPositions,
  encoderSchema,
  maeSchema,
  positionTables,
  type FixedTable,
} from '../models/parameters.ts';
import { schemaSize, unflatten, type ParamSchema } from '../tensor/params.ts';
import type { NamedTensor } from '../version/safetensors.ts';

/** A position table stands behind this tensor in the state dict of transformers. */
const TABLE_AFTER: Readonly<Record<string, string>> = {
  'vit.embeddings.cls_token': 'vit.embeddings.position_embeddings',
  'decoder.mask_token': 'decoder.decoder_pos_embed',
};

function withTables(schema: ParamSchema, params: Float32Array, fixed: readonly FixedTable[]): NamedTensor[] {
  const views = unflatten(schema, params);
  const tables = new Map(fixed.map((table) => [table.name, table]));
  return schema.flatMap(({ name, shape }): NamedTensor[] => {
    const table = tables.get(TABLE_AFTER[name] ?? '');
    return [{ name, shape, values: views.get(name) ?? new Float32Array(0) }, ...(table ? [table] : [])];
  });
}

/** All tensors of `ViTMAEForPreTraining`, in state-dict order. Throws when `params` is not of this config. */
export const maeTensors = (config: MaeConfig, params: Float32Array): NamedTensor[] =>
  withTables(maeSchema(config), params, positionTables(config));

const ENCODER = 'vit.';

/** All tensors of `ViTModel` without its pooler, which this model does not have; the encoder is what `params` begins with. */
export function encoderTensors(config: EncoderConfig, params: Float32Array): NamedTensor[] {
  const schema = encoderSchema(config);
  const encoder = params.subarray(0, schemaSize(schema));
  return withTables(schema, encoder, [encoderPositions(config)]).map((tensor) => ({
    ...tensor,
    name: tensor.name.slice(ENCODER.length),
  }));
}
