/**
 * Scaled dot-product attention over a packed `[B, T, 3·D]` of queries, keys and values, head j in channels
 * [j·dh, (j+1)·dh) of each third (Vaswani et al. 2017). Heads are read in place, which saves every split and merge.
 */
import { paddedMatrix, smallProduct, smallProductTransposed, type PaddedMatrix } from './smallProduct.ts';

export interface AttentionSizes {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  /** D, over all heads. */
  readonly width: number;
  /** Token t sees tokens up to t only. */
  readonly causal: boolean;
}

/** A head's slice of a `[B, T, stride]` array. */
interface Slice {
  readonly start: number;
  readonly stride: number;
  readonly tokens: number;
  readonly channels: number;
}

/** Calls `work` with the slices of queries, keys, values, outputs and the start of the probabilities of each head. */
function eachHead(
  { batch, tokens, heads, width }: AttentionSizes,
  work: (q: Slice, k: Slice, v: Slice, out: Slice, p: number) => void,
): void {
  const channels = width / heads;
  const slice = (start: number, stride: number): Slice => ({ start, stride, tokens, channels });
  for (let index = 0; index < batch * heads; index++) {
    const head = (index % heads) * channels;
    const packed = Math.floor(index / heads) * tokens * 3 * width + head;
    const out = Math.floor(index / heads) * tokens * width + head;
    work(
      slice(packed, 3 * width),
      slice(packed + width, 3 * width),
      slice(packed + 2 * width, 3 * width),
      slice(out, width),
      index * tokens * tokens,
    );
  }
}

function read(
  from: Float32Array,
  { start, stride, tokens, channels }: Slice,
  to: PaddedMatrix,
  scale = 1,
): void {
  for (let t = 0; t < tokens; t++) {
    for (let c = 0; c < channels; c++) {
      to.values[t * to.columns + c] = (from[start + t * stride + c] as number) * scale;
    }
  }
}

function readTransposed(
  from: Float32Array,
  { start, stride, tokens, channels }: Slice,
  to: PaddedMatrix,
): void {
  for (let t = 0; t < tokens; t++) {
    for (let c = 0; c < channels; c++) to.values[c * to.columns + t] = from[start + t * stride + c] as number;
  }
}

function write(
  from: PaddedMatrix,
  to: Float32Array,
  { start, stride, tokens, channels }: Slice,
  scale = 1,
): void {
  for (let t = 0; t < tokens; t++) {
    for (let c = 0; c < channels; c++) {
      to[start + t * stride + c] = (from.values[t * from.columns + c] as number) * scale;
    }
  }
}

/** Softmax of each row of `scores` in place, over the tokens that it sees; the others get 0. */
function softmaxRows(scores: PaddedMatrix, tokens: number, causal: boolean): void {
  const { values, columns } = scores;
  for (let t = 0; t < tokens; t++) {
    const start = t * columns;
    const end = start + (causal ? t + 1 : tokens);
    let max = -Infinity;
    for (let i = start; i < end; i++) max = Math.max(max, values[i] as number);
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[i] = Math.exp((values[i] as number) - max);
    for (let i = start; i < end; i++) values[i] = (values[i] as number) / sum;
    values.fill(0, end, start + columns);
  }
}

type Three = readonly [PaddedMatrix, PaddedMatrix, PaddedMatrix];

const threeMatrices = (rows: number, columns: number): Three => [
  paddedMatrix(rows, columns),
  paddedMatrix(rows, columns),
  paddedMatrix(rows, columns),
];

/** Fills `out` `[B, T, D]` and `probabilities` `[B, heads, T, T]` from `qkv` `[B, T, 3·D]`. */
export function attentionLoop(
  qkv: Float32Array,
  [out, probabilities]: readonly [Float32Array, Float32Array],
  sizes: AttentionSizes,
): void {
  const { tokens } = sizes;
  const channels = sizes.width / sizes.heads;
  const [query, value, result] = threeMatrices(tokens, channels);
  const keyT = paddedMatrix(channels, tokens);
  const scores = paddedMatrix(tokens, tokens);
  const square: Slice = { start: 0, stride: tokens, tokens, channels: tokens };
  eachHead(sizes, (q, k, v, o, p) => {
    read(qkv, q, query, 1 / Math.sqrt(channels));
    readTransposed(qkv, k, keyT);
    read(qkv, v, value);
    smallProduct(query, keyT, scores);
    softmaxRows(scores, tokens, sizes.causal);
    smallProduct(scores, value, result);
    write(result, out, o);
    write(scores, probabilities, { ...square, start: p });
  });
}

/** `dp` becomes the gradient of the scores: `p · (dp − Σ p·dp)` row by row. */
function softmaxGradRows(p: PaddedMatrix, dp: PaddedMatrix, tokens: number): void {
  for (let start = 0; start < tokens * p.columns; start += p.columns) {
    let sum = 0;
    for (let i = start; i < start + tokens; i++) sum += (p.values[i] as number) * (dp.values[i] as number);
    for (let i = start; i < start + tokens; i++) {
      dp.values[i] = (p.values[i] as number) * ((dp.values[i] as number) - sum);
    }
  }
}

/** Fills `dQkv` `[B, T, 3·D]` from `dOut` `[B, T, D]` and what the forward pass read and wrote. */
export function attentionGradLoop(
  [dOut, qkv, probabilities]: readonly [Float32Array, Float32Array, Float32Array],
  dQkv: Float32Array,
  sizes: AttentionSizes,
): void {
  const { tokens } = sizes;
  const channels = sizes.width / sizes.heads;
  const scale = 1 / Math.sqrt(channels);
  const [side, gradient, result] = threeMatrices(tokens, channels);
  const valueT = paddedMatrix(channels, tokens);
  const p = paddedMatrix(tokens, tokens);
  const ds = paddedMatrix(tokens, tokens);
  const square: Slice = { start: 0, stride: tokens, tokens, channels: tokens };
  eachHead(sizes, (q, k, v, o, first) => {
    read(dOut, o, gradient);
    read(probabilities, { ...square, start: first }, p);
    smallProductTransposed(p, gradient, result); // dV = Pᵀ · dOut
    write(result, dQkv, v);
    readTransposed(qkv, v, valueT);
    smallProduct(gradient, valueT, ds); // dP = dOut · Vᵀ
    softmaxGradRows(p, ds, tokens);
    read(qkv, k, side);
    smallProduct(ds, side, result); // dQ = dS · K
    write(result, dQkv, q, scale);
    read(qkv, q, side);
    smallProductTransposed(ds, side, result); // dK = dSᵀ · Q
    write(result, dQkv, k, scale);
  });
}
