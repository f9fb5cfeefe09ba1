/** Supervised training that begins from an encoder: of a classifier on top of it alone, or of all of it. */
import { toPatches, wholeInputs } from '../models/maeInputs.ts';
import type { EncoderSpec } from '../models/modelSpec.ts';
import { encoderSchema } from '../models/parameters.ts';
import { encode } from '../models/vit.ts';
import { linear } from '../nn/linear.ts';
import { param, type Weights } from '../nn/weights.ts';
import { encodeTokens, poolings, type TokenName } from '../objectives/encodePictures.ts';
import { normalisePixels } from '../objectives/pixels.ts';
import { fold, type Key } from '../random/key.ts';
import { tensorOf, type Tensor } from '../tensor/ops.ts';
import type { ParamSchema } from '../tensor/params.ts';
import { bootstrapMean, type Estimate } from './bootstrap.ts';
import { pickRows } from './rowProducts.ts';
import { hitsOf, pickLabels, type EvaluationSplit } from './score.ts';
import { fitStandardiser, standardise } from './standardise.ts';
import { predictClassifier, trainClassifier, type Classifier, type Procedure } from './trainClassifier.ts';

/**
 * `lastLayer` learns a linear classifier on the frozen encoder. It is the linear probe by gradient steps: it differs in that it ends
 * after a fixed number of AdamW steps, with decoupled weight decay, where the probe goes on to the minimum under an L2 penalty.
 * `full` learns encoder and classifier together.
 */
export const fineTuneScopes = ['lastLayer', 'full'] as const;
export type FineTuneScope = (typeof fineTuneScopes)[number];

/** A small rate where there is something to lose; one that gets a classifier from zero to its place where there is not. */
export const PROCEDURES: Readonly<Record<FineTuneScope, Procedure>> = {
  lastLayer: { epochs: 5, batchSize: 32, learningRate: 1e-2 },
  full: { epochs: 5, batchSize: 32, learningRate: 1e-3 },
};

export interface FineTuneTask {
  readonly spec: EncoderSpec;
  /** Of the encoder, in the order of its schema; borrowed. */
  readonly params: Float32Array;
  /** uint8 `[count, side, side, C]` */
  readonly pictures: Uint8Array;
  /** `[count]` */
  readonly labels: Uint16Array;
  readonly classes: number;
  readonly token: TokenName;
}

export interface FineTuneOptions {
  readonly split: EvaluationSplit;
  readonly key: Key;
  readonly procedure?: Procedure;
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

export interface FineTuneScore extends Estimate {
  /** `[testCount]` */
  readonly hits: Uint8Array;
}

/** Trains on the split's training rows, asks about its test rows. Leaves no tensor behind. */
export async function fineTune(
  scope: FineTuneScope,
  task: FineTuneTask,
  options: FineTuneOptions,
): Promise<FineTuneScore> {
  const { split, key, procedure = PROCEDURES[scope], onEpoch } = options;
  const [classifier, start] = scope === 'full' ? wholeClassifier(task) : lastLayer(task, split);
  const training = { ...procedure, start, key: fold(key, 'order'), ...(onEpoch && { onEpoch }) };
  const params = await trainClassifier(classifier, split.train, training);
  const { batchSize } = procedure;
  const predicted = predictClassifier(classifier, params, { rows: split.test, batchSize });
  const hits = hitsOf(predicted, pickLabels(task.labels, split.test));
  return { ...bootstrapMean(fold(key, 'bootstrap'), hits), hits };
}

const layerSchema = (width: number, classes: number): ParamSchema => [
  { name: 'classifier.weight', shape: [classes, width] },
  { name: 'classifier.bias', shape: [classes] },
];

const classify = (weights: Weights, features: Tensor): Tensor =>
  linear(features, param(weights, 'classifier.weight'), param(weights, 'classifier.bias'));

function wholeClassifier(task: FineTuneTask): [Classifier, Float32Array] {
  const { spec, params, pictures, token, classes, labels } = task;
  const { config } = spec;
  const layer = layerSchema(config.hiddenSize, classes);
  const size = config.imageSize ** 2 * config.numChannels;
  const start = new Float32Array(params.length + classes * (config.hiddenSize + 1));
  start.set(params);
  const logits = (weights: Weights, rows: Uint32Array) => {
    const patches = toPatches(config, normalisePixels(bytesOf(pictures, size, rows), spec));
    const { latent } = encode(config, weights, wholeInputs(config, patches));
    return classify(weights, poolings[token](latent));
  };
  return [{ schema: [...encoderSchema(config), ...layer], logits, labels, classes }, start];
}

/** On features standardised by the training rows, as the probe's are. */
function lastLayer(task: FineTuneTask, split: EvaluationSplit): [Classifier, Float32Array] {
  const { spec, params, pictures, token, classes, labels } = task;
  const width = spec.config.hiddenSize;
  const request = { schema: encoderSchema(spec.config), params, pictures, count: labels.length };
  const encoded = { values: encodeTokens(spec, request)[token], rows: labels.length, width };
  const features = standardise(encoded, fitStandardiser(pickRows(encoded, split.train)));
  const logits = (weights: Weights, rows: Uint32Array) =>
    classify(weights, tensorOf(pickRows(features, rows).values, [rows.length, width]));
  return [
    { schema: layerSchema(width, classes), logits, labels, classes },
    new Float32Array(classes * (width + 1)),
  ];
}

function bytesOf(pictures: Uint8Array, size: number, rows: Uint32Array): Uint8Array {
  const out = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => out.set(pictures.subarray(row * size, (row + 1) * size), i * size));
  return out;
}
