import type * as tf from '@tensorflow/tfjs';
import type { MurmurBackend } from './murmurBackend.ts';

const ceil8 = (n: number): number => Math.ceil(n / 8) * 8;

/** Values of scratch that the kernel `product` needs. */
export const productScratch = (N: number, K: number): number => Math.min(K, 512) * ceil8(N);

/** Values of scratch that the kernel `productTurned` needs. */
export const turnedScratch = (M: number, N: number): number => 256 * (N + 144) + M + 32;

export interface MatMulSpec {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** `[N]`; none with `transposeA`. */
  readonly bias?: tf.TensorInfo | undefined;
}

interface Sizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly aBatches: number;
  readonly bBatches: number;
  readonly shape: readonly number[];
}

/** Sizes of a batched product, or none where its batches are spread in another way than one over many. */
function sizesOf({ a, b, transposeA, transposeB }: MatMulSpec): Sizes | undefined {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const batches = (shape: readonly number[]) => shape.slice(0, -2).reduce((x, y) => x * y, 1);
  const [aBatches, bBatches] = [batches(a.shape), batches(b.shape)];
  const same = a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
  if (!same && aBatches !== 1 && bBatches !== 1) return undefined;
  const [M, K] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const N = transposeB ? bRows : bColumns;
  const longer = a.shape.length >= b.shape.length && aBatches >= bBatches ? a : b;
  return { M, N, K, aBatches, bBatches, shape: [...longer.shape.slice(0, -2), M, N] };
}

/** `a · b` over the last two axes, either transposed in packing; undefined where `sizesOf` is. */
export function matMul(backend: MurmurBackend, spec: MatMulSpec): tf.TensorInfo | undefined {
  const sizes = sizesOf(spec);
  if (sizes === undefined) return undefined;
  const { M, N, K, aBatches, bBatches, shape } = sizes;
  const out = backend.output(shape);
  const scratch = backend.scratch(Math.max(productScratch(N, K), turnedScratch(M, N)));
  const [a, b, to] = [backend.pointer(spec.a), backend.pointer(spec.b), backend.pointer(out)];
  const bias = spec.bias === undefined ? 0 : backend.pointer(spec.bias);
  const strides: readonly [number, number] = spec.transposeB ? [1, K] : [N, 1];
  for (let i = 0; i < Math.max(aBatches, bBatches) && M * N > 0; i++) {
    const from = [a + (aBatches > 1 ? 4 * i * M * K : 0), b + (bBatches > 1 ? 4 * i * K * N : 0)] as const;
    const result = to + 4 * i * M * N;
    if (spec.transposeA) backend.kernels.productTurned(...from, ...strides, M, N, K, result, 0, scratch);
    else backend.kernels.product(...from, ...strides, M, N, K, result, bias, scratch);
  }
  return out;
}
