import { linear, linearGradient } from '../composed/linear.ts';
import { columnSumsLoop } from '../loops/rows.ts';
import { lastOf, matMul, matMulBias, reshape, sizeOf, transpose, type Tensor } from '../ops.ts';
import { runLoopOnce } from '../runLoop.ts';
import { productScratch, turnedScratch } from '../simd/matMul.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';
import { geluWithDerivative } from './gelu.ts';

function forwardOnMurmur(murmur: MurmurBackend, x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [N, K] = [sizeOf(weight, 0), lastOf(x)];
  const scratch = murmur.scratch(productScratch(N, K));
  const biasAt = bias === undefined ? 0 : murmur.pointer(bias);
  const shape = [...x.shape.slice(0, -1), N];
  return runKernel(murmur, [x, weight], [shape], ([a, b], [out]) =>
    murmur.kernels.product(a, b, 1, K, x.size / K, N, K, out, biasAt, scratch),
  )[0];
}

/** With the weight turned first: tfjs's CPU backends are slow at products that turn a factor. */
function forwardTurned(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const rows = reshape(x, [-1, lastOf(x)]); // [M, in]
  const turned = transpose(weight); // [in, out]
  const y = bias === undefined ? matMul(rows, turned) : matMulBias(rows, turned, bias);
  return reshape(y, [...x.shape.slice(0, -1), sizeOf(weight, 0)]);
}

/** `x Wᵀ + b` over the last axis: x `[…, in]`, W `[out, in]`, b `[out]` or none. */
export function linearForward(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return byBackend({
    murmur: (murmur) => forwardOnMurmur(murmur, x, weight, bias),
    loops: () => forwardTurned(x, weight, bias),
    composed: () => linear(x, weight, bias),
  });
}

/** `linearForward` and GELU after it, row block by row block: y and GELU's derivative. N is a multiple of four. */
function geluOnMurmur(
  murmur: MurmurBackend,
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
): readonly [Tensor, Tensor] {
  const [N, K] = [sizeOf(weight, 0), lastOf(x)];
  const scratch = murmur.scratch(productScratch(N, K));
  const biasAt = bias === undefined ? 0 : murmur.pointer(bias);
  const shape = [...x.shape.slice(0, -1), N];
  return runKernel(murmur, [x, weight], [shape, shape], ([a, b], [y, derivative]) =>
    murmur.kernels.productGelu(a, b, 1, K, x.size / K, N, K, y, biasAt, derivative, scratch),
  );
}

/** GELU of `linearForward`, and GELU's derivative there. */
export function linearGeluForward(x: Tensor, weight: Tensor, bias?: Tensor): readonly [Tensor, Tensor] {
  const inTurn = () => geluWithDerivative(linearForward(x, weight, bias));
  const whole = sizeOf(weight, 0) % 4 === 0 && lastOf(x) > 0;
  return byBackend({
    murmur: (murmur) => (whole ? geluOnMurmur(murmur, x, weight, bias) : inTurn()),
    loops: inTurn,
    composed: inTurn,
  });
}

/** Gradients by x, weight and bias. */
export interface LinearGradients {
  readonly dx: Tensor;
  readonly dWeight: Tensor;
  readonly dBias: Tensor;
}

function backwardOnMurmur(murmur: MurmurBackend, dy: Tensor, x: Tensor, weight: Tensor): LinearGradients {
  const [outputs, inputs] = [sizeOf(weight, 0), lastOf(x)];
  const rows = x.size / inputs;
  const scratch = murmur.scratch(Math.max(productScratch(inputs, outputs), turnedScratch(outputs, inputs)));
  const [dx] = runKernel(murmur, [dy, weight], [x.shape], ([a, b], [out]) =>
    murmur.kernels.product(a, b, inputs, 1, rows, inputs, outputs, out, 0, scratch),
  );
  const [dWeight, dBias] = runKernel(murmur, [dy, x], [weight.shape, [outputs]], ([a, b], to) =>
    murmur.kernels.productTurned(a, b, inputs, 1, outputs, inputs, rows, ...to, scratch),
  );
  return { dx, dWeight, dBias };
}

/** `dyᵀ · x` as `[out, in]`, turning the narrower of the two factors. */
function weightGradient(x: Tensor, dy: Tensor): Tensor {
  if (lastOf(dy) <= lastOf(x)) return matMul(transpose(dy), x);
  return transpose(matMul(transpose(x), dy));
}

function backwardTurned(dy: Tensor, x: Tensor, weight: Tensor): LinearGradients {
  const outputs = sizeOf(weight, 0);
  const dRows = reshape(dy, [-1, outputs]);
  return {
    dx: reshape(matMul(dRows, weight), x.shape),
    dWeight: weightGradient(reshape(x, [-1, lastOf(x)]), dRows),
    dBias: runLoopOnce([dRows], [outputs], ([g], sums) => columnSumsLoop(g, sums)),
  };
}

export function linearBackward(dy: Tensor, x: Tensor, weight: Tensor): LinearGradients {
  return byBackend({
    murmur: (murmur) => backwardOnMurmur(murmur, dy, x, weight),
    loops: () => backwardTurned(dy, x, weight),
    composed: () => {
      const [dx, dWeight, dBias] = linearGradient(dy, x, weight);
      return { dx, dWeight, dBias };
    },
  });
}
