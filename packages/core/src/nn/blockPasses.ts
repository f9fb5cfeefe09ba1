/** A transformer block forwards and backwards, part by part: what autodiff would do, written down. */
import { attentionBackward, attentionForward } from '../tensor/fused/attention.ts';
import { layerNormBackward, layerNormForward } from '../tensor/fused/layerNorm.ts';
import { linearBackward, linearForward, linearGeluForward } from '../tensor/fused/linear.ts';
import { gatherRowsBackward, gatherRowsForward } from '../tensor/fused/rows.ts';
import type { AttentionSizes } from '../tensor/loops/attention.ts';
import { add, concat, lastOf, mul, reshape, sizeOf, split, type Tensor } from '../tensor/ops.ts';
import type { AttentionOptions } from './attention.ts';
import { param, type Weights } from './weights.ts';

export interface BlockOptions extends AttentionOptions {
  readonly eps: number;
}

/** Rows that a block need not compute, because they are repeated or because nobody asks for them. */
export interface BlockRows {
  /** The row of x `[R, D]` that each token of `[B, T]` is; left out: x is `[B, T, D]` itself. */
  readonly tokens?: { readonly batch: number; readonly rows: Int32Array };
  /** The tokens, as rows of `[B·T]`, of which the result is made: `[S, D]`; left out: all. */
  readonly wanted?: Int32Array;
}

/** What the way back needs of the way there. */
export const TRACED = [
  'x',
  'beforeStats',
  'before',
  'qkv',
  'probabilities',
  'attended',
  'middle',
  'afterStats',
  'after',
  'hidden',
  'slope',
] as const;

export type Trace = Readonly<Record<(typeof TRACED)[number], Tensor>>;

type Options = BlockOptions & BlockRows;

const QKV = ['query', 'key', 'value'].map((part) => `attention.attention.${part}`);

/** Weight and bias of a layer by name. */
const layer = (weights: Weights, name: string): readonly [Tensor, Tensor] => [
  param(weights, `${name}.weight`),
  param(weights, `${name}.bias`),
];

/** One matrix for queries, keys and values, and one bias where they have any. */
function joinedQkv(weights: Weights): readonly [Tensor, Tensor | undefined] {
  const all = (kind: string) => QKV.flatMap((name) => weights.get(`${name}.${kind}`) ?? []);
  const biases = all('bias');
  return [concat(all('weight'), 0), biases.length === QKV.length ? concat(biases, 0) : undefined];
}

function sizesOf(qkv: Tensor, { heads, causal = false }: Options): AttentionSizes {
  return { batch: sizeOf(qkv, 0), tokens: sizeOf(qkv, 1), heads, width: lastOf(qkv) / 3, causal };
}

const flat = (x: Tensor): Tensor => reshape(x, [-1, lastOf(x)]);

/** Rows of x, all where none are named. */
const picked = (x: Tensor, rows: Int32Array | undefined): Tensor =>
  rows === undefined ? x : gatherRowsForward(flat(x), rows);

/** The gradient of `picked` by an x of this shape. */
function returned(dy: Tensor, rows: Int32Array | undefined, shape: readonly number[]): Tensor {
  if (rows === undefined) return reshape(dy, [...shape]);
  const count = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return reshape(gatherRowsBackward(dy, rows, count), [...shape]);
}

/** The rows of x that the result's rows stand on: its tokens, its wanted ones, or the wanted among the tokens. */
function rowsBeside({ tokens, wanted }: Options): Int32Array | undefined {
  if (tokens === undefined) return wanted;
  return wanted?.map((token) => tokens.rows[token] as number) ?? tokens.rows;
}

/** `[R, 3·D]` → `[B, T, 3·D]` */
function asTokens(qkvRows: Tensor, { tokens }: Options): Tensor {
  if (tokens === undefined) return qkvRows;
  const { batch, rows } = tokens;
  return reshape(picked(qkvRows, rows), [batch, rows.length / batch, lastOf(qkvRows)]);
}

export function blockValue(x: Tensor, weights: Weights, options: Options): { value: Tensor; trace: Trace } {
  const [before, beforeStats] = layerNormForward([x, ...layer(weights, 'layernorm_before')], options.eps);
  const qkv = asTokens(linearForward(before, ...joinedQkv(weights)), options);
  const [seen, probabilities] = attentionForward(qkv, sizesOf(qkv, options));
  const attended = picked(seen, options.wanted);
  const beside = reshape(picked(x, rowsBeside(options)), attended.shape);
  const middle = add(beside, linearForward(attended, ...layer(weights, 'attention.output.dense')));
  const [after, afterStats] = layerNormForward([middle, ...layer(weights, 'layernorm_after')], options.eps);
  const [hidden, slope] = linearGeluForward(after, ...layer(weights, 'intermediate.dense'));
  const value = add(middle, linearForward(hidden, ...layer(weights, 'output.dense')));
  const trace = {
    x,
    beforeStats,
    before,
    qkv,
    probabilities,
    attended,
    middle,
    afterStats,
    after,
    hidden,
    slope,
  };
  return { value, trace };
}

/** Gradients by x and by each parameter, under its name. */
export interface BlockGradients {
  readonly dx: Tensor;
  readonly byName: Weights;
}

export function blockGradient(dy: Tensor, trace: Trace, weights: Weights, options: Options): BlockGradients {
  const byName = new Map<string, Tensor>();
  const note = (name: string, dWeight: Tensor, dBias: Tensor): void => {
    byName.set(`${name}.weight`, dWeight).set(`${name}.bias`, dBias);
  };
  const through = (name: string, gradient: Tensor, input: Tensor): Tensor => {
    const { dx, dWeight, dBias } = linearBackward(gradient, input, param(weights, `${name}.weight`));
    note(name, dWeight, dBias);
    return dx;
  };
  const throughNorm = (name: string, gradient: Tensor, input: Tensor, stats: Tensor): Tensor => {
    const [dx, dWeight, dBias] = layerNormBackward([
      gradient,
      input,
      param(weights, `${name}.weight`),
      stats,
    ]);
    note(name, dWeight, dBias);
    return dx;
  };
  const dHidden = mul(through('output.dense', dy, trace.hidden), trace.slope);
  const dAfter = through('intermediate.dense', dHidden, trace.after);
  const dMiddle = add(dy, throughNorm('layernorm_after', dAfter, trace.middle, trace.afterStats));
  const dAttended = through('attention.output.dense', dMiddle, trace.attended);
  const dBefore = attentionGradient(dAttended, trace, weights, options, byName);
  const dx = throughNorm('layernorm_before', dBefore, trace.x, trace.beforeStats);
  return { dx: add(dx, returned(dMiddle, rowsBeside(options), trace.x.shape)), byName };
}

/** The way back through heads, queries, keys and values: the gradient by what the first norm gave. */
function attentionGradient(
  dAttended: Tensor,
  { qkv, probabilities, before }: Trace,
  weights: Weights,
  options: Options,
  byName: Map<string, Tensor>,
): Tensor {
  const sizes = sizesOf(qkv, options);
  const dSeen = returned(dAttended, options.wanted, [sizes.batch, sizes.tokens, sizes.width]);
  const dQkv = attentionBackward([dSeen, qkv, probabilities], sizes);
  const rowShape = [...before.shape.slice(0, -1), lastOf(qkv)];
  const [weight] = joinedQkv(weights);
  const { dx, dWeight, dBias } = linearBackward(
    returned(dQkv, options.tokens?.rows, rowShape),
    before,
    weight,
  );
  const [weightParts, biasParts] = [split(dWeight, QKV.length), split(dBias, QKV.length)];
  QKV.forEach((name, i) => {
    byName.set(`${name}.weight`, weightParts[i] as Tensor);
    if (weights.has(`${name}.bias`)) byName.set(`${name}.bias`, biasParts[i] as Tensor);
  });
  return dx;
}
