/** NT-Xent, the loss of SimCLR (Chen et al. 2020, Algorithm 1), from operations that every backend has; nothing is read back. */
import { differentiable } from '../tensor/autodiff.ts';
import {
  add,
  concat,
  exp,
  logSumExp,
  matMul,
  maximum,
  mean,
  mul,
  rsqrt,
  sizeOf,
  slice,
  square,
  sub,
  sum,
  tensorOf,
  transpose,
  type Tensor,
} from '../tensor/ops.ts';

/** Below this squared length a row counts as having it, so that a row of zeros has a gradient. */
const LEAST_SQUARE = 1e-12;
/** e to the power of −104 is zero in float32. */
const NOTHING = 104;

interface Rows {
  /** `[2B, K]`, z with rows of length one. */
  readonly unit: Tensor;
  /** `[2B, 1]`, one over the lengths of z's rows. */
  readonly inverse: Tensor;
  /** `[2B, K]`, each row of `unit` replaced by the other view of its picture. */
  readonly partner: Tensor;
  /** `[2B, 2B]`, the probability that row i gives to row j of being its partner; zero for i itself. */
  readonly probabilities: Tensor;
  /** `[2B, 1]` */
  readonly loss: Tensor;
}

/** Rows i and i + B change places. */
function swapHalves(x: Tensor): Tensor {
  const half = sizeOf(x, 0) / 2;
  const size = [half, sizeOf(x, 1)];
  return concat([slice(x, [half, 0], size), slice(x, [0, 0], size)], 0);
}

/** `[rows, rows]`, zero but for the diagonal, which is so low that no row takes part in its own softmax. */
function withoutSelf(rows: number, temperature: number): Tensor {
  const lowest = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) lowest[i * rows + i] = -(2 / temperature + NOTHING);
  return tensorOf(lowest, [rows, rows]);
}

function rowsOf(z: Tensor, temperature: number): Rows {
  const inverse = rsqrt(maximum(sum(square(z), 1, true), LEAST_SQUARE));
  const unit = mul(z, inverse);
  const partner = swapHalves(unit);
  const cosines = matMul(unit, transpose(unit));
  const logits = add(mul(cosines, 1 / temperature), withoutSelf(sizeOf(z, 0), temperature));
  const normaliser = logSumExp(logits, 1, true); // [2B, 1]; shifted by the greatest, so nothing overflows
  const similarity = sum(mul(unit, partner), 1, true);
  return {
    unit,
    inverse,
    partner,
    probabilities: exp(sub(logits, normaliser)),
    loss: sub(normaliser, mul(similarity, 1 / temperature)),
  };
}

function requirePairs(z: Tensor): void {
  if (z.rank === 2 && sizeOf(z, 0) > 0 && sizeOf(z, 0) % 2 === 0) return;
  throw new Error(`ntXent: expected z of shape [2B, K], two rows a picture, received [${z.shape}]`);
}

/** The loss of each row, `[2B, 1]`; without a gradient. */
export function ntXentRows(z: Tensor, temperature: number): Tensor {
  requirePairs(z);
  return rowsOf(z, temperature).loss;
}

/**
 * Scalar: the mean over all rows of z `[2B, K]` of the cross-entropy of finding the other view of the same picture among
 * the 2B − 1 other rows, by cosine over `temperature`. Row i and row i + B are the views of one picture; rows are
 * normalised here, the gradient is that of z as given. SimCLR's published code returns twice this value.
 */
export function ntXent(z: Tensor, temperature: number): Tensor {
  requirePairs(z);
  return differentiable([z], () => {
    const { unit, inverse, partner, probabilities, loss } = rowsOf(z, temperature);
    return {
      value: mean(loss),
      saved: [unit, inverse, partner, probabilities],
      gradient: (dy, [n, scale, other, p]) => {
        const pulls = matMul(add(p, transpose(p)), n); // [2B, K]; p_ij moves both row i and row j
        const dUnit = mul(sub(pulls, mul(other, 2)), 1 / (temperature * sizeOf(n, 0)));
        const radial = mul(n, sum(mul(dUnit, n), 1, true)); // a row's length does not matter
        return [mul(mul(sub(dUnit, radial), scale), dy)];
      },
    };
  });
}
