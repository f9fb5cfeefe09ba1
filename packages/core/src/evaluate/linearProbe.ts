/**
 * The linear probe: multinomial logistic regression to convergence on frozen features. Minimises
 * mean cross-entropy + (l2 / 2)·ΣW², the bias not penalised (scikit-learn's C = 1 / (l2·rows)).
 */
import { argmaxRows } from './knn.ts';
import { minimise, type Differentiable } from './lbfgs.ts';
import { probePreconditioner } from './probePreconditioner.ts';
import { rowProducts, type Matrix } from './rowProducts.ts';

export interface ProbeOptions {
  readonly classes: number;
  readonly l2: number;
  /** Largest entry of the gradient at which the probe counts as converged. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

export interface LinearProbe {
  readonly classes: number;
  /** `[classes, D]` */
  readonly weight: Float64Array;
  /** `[classes]`, sums to 0: a constant on all of them changes nothing. */
  readonly bias: Float64Array;
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Trains on `features` [M, D] with one label a row. Throws on no rows or labels that do not match. */
export function trainLinearProbe(features: Matrix, labels: Uint16Array, options: ProbeOptions): LinearProbe {
  const { classes, tolerance = 3e-4, maxIterations = 100 } = options;
  if (features.rows === 0 || labels.length !== features.rows || labels.some((label) => label >= classes)) {
    throw new Error(
      `trainLinearProbe: expected a label below ${classes} for each of ${features.rows} > 0 rows, received ` +
        `${labels.length} labels`,
    );
  }
  const start = new Float64Array(classes * (features.width + 1));
  const columns = transpose(features); // [D, M]
  const precondition = probePreconditioner(columns, options);
  const objective = probeObjective(features, labels, { ...options, columns });
  const { point, value, iterations, converged } = minimise(objective, start, {
    tolerance,
    maxIterations,
    precondition,
  });
  const bias = point.slice(classes * features.width);
  const centre = bias.reduce((sum, b) => sum + b, 0) / classes;
  return {
    classes,
    weight: point.slice(0, classes * features.width),
    bias: bias.map((b) => b - centre),
    objective: value,
    iterations,
    converged,
  };
}

/** `[M]` the class with the largest logit for each row of `features` [M, D]. */
export function predictLinear(probe: LinearProbe, features: Matrix): Uint16Array {
  const { weight, bias, classes } = probe;
  return argmaxRows(linear(features, weight, bias), classes);
}

/** The objective as a function of W [classes, D] followed by b [classes]. */
export function probeObjective(
  features: Matrix,
  labels: Uint16Array,
  options: { readonly classes: number; readonly l2: number; readonly columns?: Matrix },
): Differentiable {
  const { classes, l2, columns = transpose(features) } = options;
  const { rows, width } = features;
  return (point, gradient) => {
    const weight = point.subarray(0, classes * width);
    const logits = linear(features, weight, point.subarray(classes * width)); // [M, classes]
    const loss = crossEntropyInPlace(logits, labels, classes);
    const residuals = transpose({ values: logits, rows, width: classes }); // [classes, M]
    gradient.set(rowProducts(residuals, columns)); // [classes, D]
    let squares = 0;
    for (let i = 0; i < weight.length; i++) {
      const w = weight[i] as number;
      squares += w * w;
      gradient[i] = (gradient[i] as number) + l2 * w;
    }
    for (let c = 0; c < classes; c++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += residuals.values[c * rows + row] as number;
      gradient[classes * width + c] = sum;
    }
    return loss + (l2 / 2) * squares;
  };
}

/** `[M, classes]` */
function linear(features: Matrix, weight: Float64Array, bias: Float64Array): Float64Array {
  const classes = bias.length;
  const logits = rowProducts(features, { values: weight, rows: classes, width: features.width });
  for (let i = 0; i < logits.length; i++) logits[i] = (logits[i] as number) + (bias[i % classes] as number);
  return logits;
}

/** Returns the mean loss and turns logits `[M, classes]` into its gradient, (softmax − one-hot) / M. */
function crossEntropyInPlace(logits: Float64Array, labels: Uint16Array, classes: number): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const ofRow = logits.subarray(row * classes, (row + 1) * classes);
    const label = labels[row] as number;
    const top = ofRow.reduce((most, value) => Math.max(most, value), -Infinity);
    const own = (ofRow[label] as number) - top;
    let total = 0;
    for (let c = 0; c < classes; c++) total += ofRow[c] = Math.exp((ofRow[c] as number) - top);
    for (let c = 0; c < classes; c++) {
      ofRow[c] = ((ofRow[c] as number) / total - (c === label ? 1 : 0)) / labels.length;
    }
    loss += (Math.log(total) - own) / labels.length;
  }
  return loss;
}

function transpose({
  values,
  rows,
  width,
}: Matrix): Matrix & { readonly values: Float64Array | Float32Array } {
  const out =
    values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++)
      out[column * rows + row] = values[row * width + column] as number;
  }
  return { values: out, rows: width, width: rows };
}
