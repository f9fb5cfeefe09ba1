/**
 * Names, shapes and first values of a masked autoencoder's parameters. Needs no tensor library, so that the
 * coordinator can start, name and export a model without one.
 */
import { positionTable } from '../nn/sincos.ts';
import { fold, normal, uniform, type Key } from '../random/key.ts';
import { elementCount, unflatten, schemaSize, type ParamSchema, type ParamSpec } from '../tensor/params.ts';
import { gridSize, patchCount, patchWidth, type MaeConfig } from './config.ts';

const linearSpecs = (name: string, inputs: number, outputs: number, bias = true): ParamSpec[] => [
  { name: `${name}.weight`, shape: [outputs, inputs] },
  ...(bias ? [{ name: `${name}.bias`, shape: [outputs] }] : []),
];

const normSpecs = (name: string, width: number): ParamSpec[] => [
  { name: `${name}.weight`, shape: [width] },
  { name: `${name}.bias`, shape: [width] },
];

function blockSpecs(prefix: string, width: number, hidden: number, qkvBias: boolean): ParamSpec[] {
  return [
    ...['query', 'key', 'value'].flatMap((part) =>
      linearSpecs(`${prefix}.attention.attention.${part}`, width, width, qkvBias),
    ),
    ...linearSpecs(`${prefix}.attention.output.dense`, width, width),
    ...linearSpecs(`${prefix}.intermediate.dense`, width, hidden),
    ...linearSpecs(`${prefix}.output.dense`, hidden, width),
    ...normSpecs(`${prefix}.layernorm_before`, width),
    ...normSpecs(`${prefix}.layernorm_after`, width),
  ];
}

/** The trained parameters in Hugging Face's state-dict order, names and shapes; without the position tables. */
export function maeSchema(c: MaeConfig): ParamSchema {
  const layers = (prefix: string, count: number, width: number, hidden: number) =>
    Array.from({ length: count }, (_, i) => blockSpecs(`${prefix}.${i}`, width, hidden, c.qkvBias)).flat();
  const projection = 'vit.embeddings.patch_embeddings.projection';
  return [
    { name: 'vit.embeddings.cls_token', shape: [1, 1, c.hiddenSize] },
    { name: `${projection}.weight`, shape: [c.hiddenSize, c.numChannels, c.patchSize, c.patchSize] },
    { name: `${projection}.bias`, shape: [c.hiddenSize] },
    ...layers('vit.encoder.layer', c.numHiddenLayers, c.hiddenSize, c.intermediateSize),
    ...normSpecs('vit.layernorm', c.hiddenSize),
    { name: 'decoder.mask_token', shape: [1, 1, c.decoderHiddenSize] },
    ...linearSpecs('decoder.decoder_embed', c.hiddenSize, c.decoderHiddenSize),
    ...layers(
      'decoder.decoder_layers',
      c.decoderNumHiddenLayers,
      c.decoderHiddenSize,
      c.decoderIntermediateSize,
    ),
    ...normSpecs('decoder.decoder_norm', c.decoderHiddenSize),
    ...linearSpecs('decoder.decoder_pred', c.decoderHiddenSize, patchWidth(c)),
  ];
}

/** Glorot and Bengio 2010 over the flattened kernel; MAE draws query, key and value as one [3D, D] matrix. */
function xavierUniform(from: Key, { name, shape }: ParamSpec): Float32Array {
  const [outputs = 1, ...rest] = shape;
  const inputs = elementCount(rest);
  const fused = /\.(query|key|value)\.weight$/.test(name) ? 3 : 1;
  const bound = Math.sqrt(6 / (inputs + fused * outputs));
  return uniform(from, outputs * inputs).map((u) => (2 * u - 1) * bound);
}

function initialValues(from: Key, spec: ParamSpec): Float32Array {
  const size = elementCount(spec.shape);
  if (spec.name.endsWith('_token')) return normal(from, size).map((z) => 0.02 * z);
  if (spec.shape.length > 1) return xavierUniform(from, spec);
  return new Float32Array(size).fill(spec.name.endsWith('.weight') ? 1 : 0); // one-dimensional weights are LayerNorm's
}

/** A first parameter vector in schema order, drawn as MAE draws it (`models_mae.py`, `initialize_weights`). */
export function initialParams(config: MaeConfig, from: Key): Float32Array {
  const schema = maeSchema(config);
  const flat = new Float32Array(schemaSize(schema));
  const views = unflatten(schema, flat);
  for (const spec of schema) views.get(spec.name)?.set(initialValues(fold(from, spec.name), spec));
  return flat;
}

export interface FixedTable extends ParamSpec {
  readonly values: Float32Array;
}

/** The two position tables `[1, 1 + N, D]` that an export holds beside the trained parameters. */
export function positionTables(c: MaeConfig): FixedTable[] {
  const table = (name: string, width: number): FixedTable => ({
    name,
    shape: [1, 1 + patchCount(c), width],
    values: positionTable(gridSize(c), width, true),
  });
  return [
    table('vit.embeddings.position_embeddings', c.hiddenSize),
    table('decoder.decoder_pos_embed', c.decoderHiddenSize),
  ];
}
