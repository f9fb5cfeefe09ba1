import { flatten, unflatten, type ParamSchema } from './params.ts';
import { valueAndGradients } from './autodiff.ts';
import { tensorOf, freeing, valuesOf, type Tensor } from './ops.ts';

/** The tensors of a parameter vector by name; the caller owns them. */
export function uploadParams(schema: ParamSchema, params: Float32Array): Map<string, Tensor> {
  const views = unflatten(schema, params);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of schema) tensors.set(name, tensorOf(views.get(name) as Float32Array, shape));
  return tensors;
}

export interface LossAndGrads {
  readonly loss: number;
  /** In schema order. */
  readonly grads: Float32Array;
}

/** A scalar function of the parameters and its gradient, both as numbers; leaves no tensor behind. */
export function lossAndGradients(
  schema: ParamSchema,
  params: Float32Array,
  of: (weights: ReadonlyMap<string, Tensor>) => Tensor,
): LossAndGrads {
  return freeing(() => {
    const weights = uploadParams(schema, params);
    const { value, gradients } = valueAndGradients(() => of(weights), [...weights.values()]);
    const arrays = new Map(schema.map(({ name }, i) => [name, valuesOf(gradients[i] as Tensor)]));
    return { loss: valuesOf(value)[0] as number, grads: flatten(schema, arrays) };
  });
}
