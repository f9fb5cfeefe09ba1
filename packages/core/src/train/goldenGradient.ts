/** The self-test that a backend must pass before it may train: a tiny masked autoencoder whose gradient is known. */
import { maeConfig } from '../models/config.ts';
import { maeLoss } from '../models/maskedAutoencoder.ts';
import { maeSchema } from '../models/parameters.ts';
import { maskFromNoise } from '../nn/masking.ts';
import type { Weights } from '../nn/weights.ts';
import { fold, key, uniform, type Key } from '../random/key.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { deviceErrors } from '../tensor/backend.ts';
import { readFreeing, tensorOf, type Tensor } from '../tensor/ops.ts';
import { elementCount, type ParamSpec } from '../tensor/params.ts';
import { goldenValues, type GradientDigest } from './goldenValues.ts';

/** Widths that fill no vector register and no texel: what a backend gets wrong at an edge shows. */
export const goldenConfig = maeConfig.parse({
  imageSize: 15,
  patchSize: 5,
  numChannels: 1,
  hiddenSize: 12,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 21,
  decoderHiddenSize: 20,
  decoderNumHiddenLayers: 1,
  decoderNumAttentionHeads: 4,
  decoderIntermediateSize: 13,
  maskRatio: 0.6,
  normPixLoss: false,
  layerNormEps: 1e-6,
  qkvBias: true,
});
const BATCH = 3;
const PATCHES = 9;
const SEED = key(20_240);

/** Of the model that the self-test differentiates. */
export const goldenSchema = maeSchema(goldenConfig);

/** Uniform in ±`most`. */
const spread = (from: Key, count: number, most: number): Float32Array =>
  uniform(from, count).map((u) => most * (2 * u - 1));

/** LayerNorm's weights around one, all else around zero and wide enough that every part of the gradient matters. */
function valuesFor({ name, shape }: ParamSpec): Float32Array {
  const centre = /norm\w*\.weight$/.test(name) ? 1 : 0;
  return spread(fold(SEED, name), elementCount(shape), 0.4).map((value) => centre + value);
}

/** The point at which the gradient is known, by name. */
export const goldenWeights = (): Map<string, Float32Array> =>
  new Map(goldenSchema.map((spec) => [spec.name, valuesFor(spec)]));

/** A direction of length 1 in the space of one parameter. */
export function goldenDirection({ name, shape }: ParamSpec): Float32Array {
  const values = spread(fold(fold(SEED, 'direction'), name), elementCount(shape), 1);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}

/** The loss that is differentiated; allocates. */
export function goldenLoss(weights: Weights): Tensor {
  const patches = spread(fold(SEED, 'patches'), BATCH * PATCHES * goldenConfig.patchSize ** 2, 1.5);
  const masking = maskFromNoise(
    uniform(fold(SEED, 'noise'), BATCH * PATCHES),
    PATCHES,
    goldenConfig.maskRatio,
  );
  return maeLoss(goldenConfig, weights, patches, masking);
}

export interface LossAndGradient {
  readonly loss: number;
  /** In the order of `goldenSchema`. */
  readonly gradients: readonly Float32Array[];
}

/** Loss and gradient as the backend of this thread computes them. */
export async function measureGradient(): Promise<LossAndGradient> {
  const values = goldenWeights();
  const [loss, ...gradients] = await readFreeing(() => {
    const weights = new Map(
      goldenSchema.map(({ name, shape }) => [name, tensorOf(values.get(name) as Float32Array, shape)]),
    );
    const got = valueAndGradients(() => goldenLoss(weights), [...weights.values()]);
    return [got.value, ...got.gradients];
  });
  return { loss: loss?.[0] ?? NaN, gradients };
}

/** What is kept of the gradient by one parameter. */
export function digestOf(spec: ParamSpec, gradient: Float32Array): GradientDigest {
  let [squares, along] = [0, 0];
  const direction = goldenDirection(spec);
  gradient.forEach((g, i) => {
    squares += g * g;
    along += g * (direction[i] as number);
  });
  return [Math.sqrt(squares), along];
}

export type GoldenOutcome =
  { readonly kind: 'agrees' } | { readonly kind: 'differs'; readonly reason: string };

/** float32 errs by a hundredth of this, 16-bit floats by ten times as much. */
const TOLERANCE = 1e-3;
/** Share of the whole gradient's length below which a parameter's own is noise: a key's bias has none but that. */
const NOISE = 1e-3;

const differs = (reason: string): GoldenOutcome => ({ kind: 'differs', reason });
const short = (value: number): string => Number(value.toPrecision(5)).toString();

/** Whether `got` is the gradient that is known, and what is wrong if not. */
export function compareGradient({ loss, gradients }: LossAndGradient): GoldenOutcome {
  const broken = goldenSchema.find((_, i) => !gradients[i]?.every(Number.isFinite));
  if (broken !== undefined || !Number.isFinite(loss))
    return differs(`gradient differs: ${broken?.name ?? 'the loss'} is not a finite number`);
  if (gradients.every((gradient) => gradient.every((g) => g === 0)))
    return differs('gradient differs: it is zero everywhere');
  const expectedLoss = goldenValues.loss;
  if (Math.abs(loss - expectedLoss) > TOLERANCE * expectedLoss)
    return differs(`gradient differs: its loss is ${short(loss)}, expected ${short(expectedLoss)}`);
  const digests = goldenSchema.map((spec, i) => digestOf(spec, gradients[i] as Float32Array));
  const whole = Math.hypot(...goldenValues.gradient.map(([length]) => length));
  const wrong = digests.findIndex(([length, along], i) => {
    const [expectedLength, expectedAlong] = goldenValues.gradient[i] as GradientDigest;
    const limit = TOLERANCE * Math.max(expectedLength, NOISE * whole);
    return Math.abs(length - expectedLength) > limit || Math.abs(along - expectedAlong) > limit;
  });
  if (wrong === -1) return { kind: 'agrees' };
  const text = ([length, along]: GradientDigest) =>
    `length ${short(length)}, ${short(along)} along the probe`;
  const [got, expected] = [digests[wrong], goldenValues.gradient[wrong]] as [GradientDigest, GradientDigest];
  return differs(
    `gradient differs: by ${goldenSchema[wrong]?.name ?? ''} it has ${text(got)}, expected ${text(expected)}`,
  );
}

/** Whether the backend of this thread computes the gradient that is known. Never throws; leaves no tensor behind. */
export async function checkGoldenGradient(): Promise<GoldenOutcome> {
  try {
    const outcome = compareGradient(await measureGradient());
    const lost = deviceErrors();
    return lost === undefined ? outcome : differs(lost);
  } catch (error) {
    return differs(`gradient not computed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
