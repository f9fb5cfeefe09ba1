/** How kernels of four axes walk through tensors of any number of them. */
type Shape = readonly number[];

export const elements = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Values from one index to the next, for each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  return strides;
}

/** The steps of `shape` inside the broadcast `to`: none along axes that it is spread over. */
export function spreadStrides(shape: Shape, to: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : (strides[axis - missing] as number),
  );
}

/** Four axes, and the steps of each operand along them. */
export interface FourAxes {
  readonly sizes: readonly [number, number, number, number];
  readonly steps: readonly (readonly [number, number, number, number])[];
}

type Axis = readonly [size: number, ...steps: number[]];

/** Whether an axis can be walked as one with the one inside it. */
const joins = ([, ...outer]: Axis, [size, ...inner]: Axis): boolean =>
  outer.every((step, i) => step === size * (inner[i] as number));

/** The same walk with as few axes as may be, padded to four; undefined where that is not enough. */
export function fourAxes(shape: Shape, steps: readonly Shape[]): FourAxes | undefined {
  const axes: Axis[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const next: Axis = [size, ...steps.map((of) => of[axis] as number)];
    const last = axes.at(-1);
    if (last !== undefined && joins(last, next)) axes[axes.length - 1] = [last[0] * size, ...next.slice(1)];
    else axes.push(next);
  });
  if (axes.length > 4) return undefined;
  const nothing: Axis = [1, ...steps.map(() => 0)];
  const all = [...Array.from({ length: 4 - axes.length }, () => nothing), ...axes];
  const column = (i: number) => all.map((axis) => axis[i]) as [number, number, number, number];
  return { sizes: column(0), steps: steps.map((_, i) => column(i + 1)) };
}
