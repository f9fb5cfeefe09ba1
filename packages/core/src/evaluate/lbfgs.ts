/** Limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) for smooth convex functions. */

/** Returns the value at `point` and writes its gradient into `gradient`. */
export type Differentiable = (point: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Stop once no entry of the gradient is larger. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Pairs of steps and gradient changes kept. */
  readonly memory?: number;
  /** Overwrites a vector with an approximate inverse Hessian times it; must be symmetric and positive definite. */
  readonly precondition?: ((vector: Float64Array) => void) | undefined;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False where the iterations ran out, or rounding stopped all progress, before the tolerance was met. */
  readonly converged: boolean;
}

interface Position {
  readonly point: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

interface Curvature {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (change · step) */
  readonly rho: number;
  /** What the identity, as a first inverse Hessian, has to be multiplied by to fit this pair. */
  readonly scale: number;
}

/** Minimises `f` from `start`, which it does not change. */
export function minimise(f: Differentiable, start: Float64Array, options: MinimiseOptions): Minimum {
  const { tolerance, maxIterations, memory = 10 } = options;
  const history: Curvature[] = [];
  let here = evaluateAt(f, start.slice());
  let iterations = 0;
  while (largestEntry(here.gradient) > tolerance && iterations < maxIterations) {
    const direction = descentDirection(here.gradient, history, options.precondition);
    const next = lineSearch(
      f,
      here,
      direction,
      history.length === 0 && options.precondition === undefined ? firstStep(direction) : 1,
    );
    if (next === undefined) break;
    remember(history, curvature(here, next), memory);
    here = next;
    iterations++;
  }
  const { point, value } = here;
  return { point, value, iterations, converged: largestEntry(here.gradient) <= tolerance };
}

function evaluateAt(f: Differentiable, point: Float64Array): Position {
  const gradient = new Float64Array(point.length);
  return { point, value: f(point, gradient), gradient };
}

/** −H·gradient by the two-loop recursion. */
function descentDirection(
  gradient: Float64Array,
  history: readonly Curvature[],
  precondition: MinimiseOptions['precondition'],
): Float64Array {
  const direction = gradient.map((g) => -g);
  const alphas = new Map<Curvature, number>();
  for (const pair of history.toReversed()) {
    const alpha = pair.rho * dot(pair.step, direction);
    alphas.set(pair, alpha);
    addScaled(direction, -alpha, pair.change);
  }
  const newest = history.at(-1);
  if (precondition !== undefined) precondition(direction);
  else if (newest !== undefined) scale(direction, newest.scale);
  for (const pair of history) {
    const beta = pair.rho * dot(pair.change, direction);
    addScaled(direction, (alphas.get(pair) ?? 0) - beta, pair.step);
  }
  return direction;
}

/** Nothing is known yet of the scale: move by at most one unit in all. */
const firstStep = (direction: Float64Array): number => 1 / Math.max(1, Math.sqrt(dot(direction, direction)));

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_TRIALS = 30;

/** A step that meets the weak Wolfe conditions, by doubling and bisection; undefined where rounding allows none. */
function lineSearch(
  f: Differentiable,
  from: Position,
  direction: Float64Array,
  firstLength: number,
): Position | undefined {
  const slope = dot(from.gradient, direction);
  let [low, high, length] = [0, Infinity, firstLength];
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const point = from.point.slice();
    addScaled(point, length, direction);
    const next = evaluateAt(f, point);
    if (!(next.value <= from.value + SUFFICIENT_DECREASE * length * slope)) high = length;
    else if (dot(next.gradient, direction) < CURVATURE * slope) low = length;
    else return next;
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

function curvature(from: Position, to: Position): Curvature {
  const step = to.point.map((value, i) => value - (from.point[i] as number));
  const change = to.gradient.map((value, i) => value - (from.gradient[i] as number));
  const product = dot(change, step);
  return { step, change, rho: 1 / product, scale: product / dot(change, change) };
}

function remember(history: Curvature[], pair: Curvature, memory: number): void {
  history.push(pair);
  if (history.length > memory) history.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addScaled(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (values[i] as number);
}

function scale(target: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) * factor;
}

const largestEntry = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
