/**
 * Names, shapes and first values of a model's parameters. Needs no tensor library, so that the coordinator can start,
 * name and export a model without one.
 */
import { positionTable } from '../nn/sincos.ts';
import { fold, key, normal, uniform, type Key } from '../random/key.ts';
import { elementCount, unflatten, schemaSize, type ParamSchema, type ParamSpec } from '../tensor/params.ts';
import { gridSize, patchCount, type EncoderConfig, type MaeConfig, type SimclrConfig } from './config.ts';
import { headSpecs, maeDecoderSpecs, projectionSpecs } from './headSpecs.ts';
import { layerSpecs, normSpecs } from './layerSpecs.ts';
import type { EncoderSpec, ModelSpec } from './modelSpec.ts';

const PATCH_KERNELS = 'vit.embeddings.patch_embeddings.projection';

/** The encoder's trained parameters in Hugging Face's state-dict order, names and shapes; without the position table. */
export function encoderSchema(c: EncoderConfig): ParamSchema {
  return [
    { name: 'vit.embeddings.cls_token', shape: [1, 1, c.hiddenSize] },
    { name: `${PATCH_KERNELS}.weight`, shape: [c.hiddenSize, c.numChannels, c.patchSize, c.patchSize] },
    { name: `${PATCH_KERNELS}.bias`, shape: [c.hiddenSize] },
    ...layerSpecs({
      prefix: 'vit.encoder.layer',
      count: c.numHiddenLayers,
      width: c.hiddenSize,
      hidden: c.intermediateSize,
      qkvBias: c.qkvBias,
    }),
    ...normSpecs('vit.layernorm', c.hiddenSize),
  ];
}

/** The encoder's parameters, then the decoder's, both as Hugging Face has them. */
export const maeSchema = (c: MaeConfig): ParamSchema => [...encoderSchema(c), ...maeDecoderSpecs(c)];

/** The encoder's parameters, then those of the projection head. */
export const simclrSchema = (c: SimclrConfig): ParamSchema => [...encoderSchema(c), ...projectionSpecs(c)];

/** The trained parameters of a model, in the order in which they travel: the encoder's, then what its objective puts on it. */
export const schemaOf = (spec: ModelSpec): ParamSchema => [...encoderSchema(spec.config), ...headSpecs(spec)];

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
  if (/(_token|classifier\.weight)$/.test(spec.name)) return normal(from, size).map((z) => 0.02 * z);
  if (spec.shape.length > 1) return xavierUniform(from, spec);
  return new Float32Array(size).fill(spec.name.endsWith('.weight') ? 1 : 0); // one-dimensional weights are LayerNorm's
}

/** Gives each channel of the patch kernels `[D, C, p, p]` the mean of all; what they make of a grey picture keeps its spread. */
function shareKernels({ config }: EncoderSpec, kernels: Float32Array): void {
  const [area, channels] = [config.patchSize ** 2, config.numChannels];
  for (let row = 0; row < kernels.length; row += channels * area)
    for (let i = row; i < row + area; i++) {
      let mean = 0;
      for (let c = 0; c < channels; c++) mean += (kernels[i + c * area] as number) / channels;
      for (let c = 0; c < channels; c++) kernels[i + c * area] = mean;
    }
}

/** A first parameter vector in schema order, drawn as MAE draws it (`models_mae.py`, `initialize_weights`). */
export function drawParams(schema: ParamSchema, from: Key): Float32Array {
  const flat = new Float32Array(schemaSize(schema));
  const views = unflatten(schema, flat);
  for (const spec of schema) views.get(spec.name)?.set(initialValues(fold(from, spec.name), spec));
  return flat;
}

/** A first parameter vector of a model; the kernels of a colorizer's three channels begin alike (see `colorize`). */
export function firstParams(spec: ModelSpec, from: Key): Float32Array {
  const schema = schemaOf(spec);
  const params = drawParams(schema, from);
  const kernels = unflatten(schema, params).get(`${PATCH_KERNELS}.weight`);
  if (spec.objective === 'colorize' && kernels !== undefined) shareKernels(spec, kernels);
  return params;
}

/** The parameters that the run of this seed begins with: whoever compares with the untrained encoder must draw the same. */
export const startOfRun = (spec: ModelSpec, seed: number): Float32Array =>
  firstParams(spec, fold(key(seed), 'parameters'));

/** A first parameter vector of a masked autoencoder. */
export const initialParams = (config: MaeConfig, from: Key): Float32Array =>
  drawParams(maeSchema(config), from);

export interface FixedTable extends ParamSpec {
  readonly values: Float32Array;
}

const positions = (c: EncoderConfig, name: string, width: number): FixedTable => ({
  name,
  shape: [1, 1 + patchCount(c), width],
  values: positionTable(gridSize(c), width, true),
});

/** The encoder's position table `[1, 1 + N, D]`, which an export holds beside the trained parameters. */
export const encoderPositions = (c: EncoderConfig): FixedTable =>
  positions(c, 'vit.embeddings.position_embeddings', c.hiddenSize);

/** Both position tables of a masked autoencoder. */
export const positionTables = (c: MaeConfig): FixedTable[] => [
  encoderPositions(c),
  positions(c, 'decoder.decoder_pos_embed', c.decoderHiddenSize),
];
