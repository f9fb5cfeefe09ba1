import { differentiable } from '../tensor/autodiff.ts';
import { columnSumsLoop } from '../tensor/loops/rows.ts';
import { lastOf, matMul, matMulBias, reshape, sizeOf, transpose, type Tensor } from '../tensor/ops.ts';
import { runLoopOnce } from '../tensor/runLoop.ts';

/** `dyᵀ · x` as `[out, in]`, turning the narrower of the two factors. */
function weightGradient(x: Tensor, dy: Tensor): Tensor {
  if (lastOf(dy) <= lastOf(x)) return matMul(transpose(dy), x);
  return transpose(matMul(transpose(x), dy));
}

/**
 * `y = x Wᵀ + b` over the last axis: x `[…, in]`, W `[out, in]` as in PyTorch, b `[out]` or none. Borrows its inputs.
 * Transposes are explicit, for products that transpose are slow on wasm.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const outputs = sizeOf(weight, 0);
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return differentiable(inputs, () => {
    const rows = reshape(x, [-1, lastOf(x)]); // [M, in]
    const turned = transpose(weight); // [in, out]
    const y = bias === undefined ? matMul(rows, turned) : matMulBias(rows, turned, bias);
    return {
      value: reshape(y, [...x.shape.slice(0, -1), outputs]),
      saved: [rows, weight],
      gradient: (dy, [savedRows, savedWeight]) => {
        const dRows = reshape(dy, [-1, outputs]);
        const dx = reshape(matMul(dRows, savedWeight), x.shape);
        const dWeight = weightGradient(savedRows, dRows);
        if (bias === undefined) return [dx, dWeight];
        return [dx, dWeight, runLoopOnce([dRows], [outputs], ([g], sums) => columnSumsLoop(g, sums))];
      },
    };
  });
}
