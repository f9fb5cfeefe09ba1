import { dispose, freeing, keep, matMul, tensorOf, transpose, valuesOf, type Tensor } from '../tensor/ops.ts';
import type { Matrix, RowMultiplier } from './rowProducts.ts';

const upload = ({ values, rows, width }: Matrix): Tensor =>
  tensorOf(values instanceof Float32Array ? values : Float32Array.from(values), [rows, width]);

/** Multiplies on the tensor backend of this thread, in float32: with SIMD ten times as fast. Owns one tensor until it is closed. */
export const tensorMultiplier: RowMultiplier = (matrix) => {
  const kept: Tensor[] = [];
  freeing(() => void kept.push(keep(transpose(upload(matrix))))); // [D, K]
  const [columns] = kept as [Tensor];
  return {
    multiply: (block) => freeing(() => valuesOf(matMul(upload(block), columns))),
    close: () => dispose(columns),
  };
};
