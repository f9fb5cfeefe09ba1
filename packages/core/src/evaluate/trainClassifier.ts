import type { Weights } from '../nn/weights.ts';
import { crossEntropy } from '../nn/crossEntropy.ts';
import { learningRateOver } from '../optim/schedule.ts';
import { fold, permutation, type Key } from '../random/key.ts';
import { freeing, valuesOf, type Tensor } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import type { ParamSchema } from '../tensor/params.ts';
import { createLocalModel, type LocalModel } from '../train/localModel.ts';
import { argmaxRows } from './knn.ts';

/** What tells rows of labelled data apart. */
export interface Classifier {
  readonly schema: ParamSchema;
  /** `[B, classes]` of the rows named, differentiable by the weights. */
  logits(weights: Weights, rows: Uint32Array): Tensor;
  /** Of every row. */
  readonly labels: Uint16Array;
  readonly classes: number;
}

/** AdamW with warm-up and cosine down to nothing, for a fixed number of passes. */
export interface Procedure {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

export interface TrainOptions extends Procedure {
  /** In schema order; borrowed. */
  readonly start: Float32Array;
  readonly key: Key;
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

const WARMUP = 0.1;

/** The parameters after training on `rows` by cross-entropy, each epoch in an order of its own. Rejects where it diverges. */
export async function trainClassifier(
  classifier: Classifier,
  rows: Uint32Array,
  options: TrainOptions,
): Promise<Float32Array> {
  const model = createLocalModel(classifier.schema);
  try {
    model.load(options.start);
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      const order = permutation(fold(options.key, epoch), rows.length).map((i) => rows[i] as number);
      const loss = await trainEpoch(model, classifier, { order, epoch, options });
      options.onEpoch?.(epoch, loss);
    }
    const params = await model.read();
    // A backend may clamp what is not a number on its way to the loss.
    if (params.every(Number.isFinite)) return params;
    throw new Error('trainClassifier: expected finite parameters after training: it diverged.');
  } finally {
    model.dispose();
  }
}

/** Resolves to the mean loss of the epoch's steps. */
async function trainEpoch(
  model: LocalModel,
  { logits, labels }: Classifier,
  { order, epoch, options }: { order: Uint32Array; epoch: number; options: TrainOptions },
): Promise<number> {
  const { batchSize, epochs, learningRate } = options;
  const steps = Math.ceil(order.length / batchSize);
  const schedule = { baseRate: learningRate, minRate: 0, warmup: WARMUP };
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const batch = order.subarray(step * batchSize, (step + 1) * batchSize);
    const targets = Int32Array.from(batch, (row) => labels[row] as number);
    // Half a step on, so that the first one moves.
    const rate = learningRateOver((epoch + (step + 0.5) / steps) / epochs, schedule);
    const loss = (weights: Weights) => crossEntropy(logits(weights, batch), targets);
    sum += await model.step(loss, { optimizer: 'adamw', learningRate: rate });
  }
  if (Number.isFinite(sum)) return sum / steps;
  throw new Error(
    `trainClassifier: expected a finite loss, received ${sum} in epoch ${epoch + 1}: it diverged.`,
  );
}

/** `[rows]` the likeliest class of each. Leaves no tensor behind. */
export function predictClassifier(
  { schema, logits, classes }: Classifier,
  params: Float32Array,
  { rows, batchSize }: { readonly rows: Uint32Array; readonly batchSize: number },
): Uint16Array {
  const predicted = new Uint16Array(rows.length);
  freeing(() => {
    const weights = uploadParams(schema, params);
    for (let first = 0; first < rows.length; first += batchSize) {
      const batch = rows.subarray(first, first + batchSize);
      const values = freeing(() => valuesOf(logits(weights, batch)));
      predicted.set(argmaxRows(Float64Array.from(values), classes), first);
    }
  });
  return predicted;
}
