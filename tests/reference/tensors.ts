import { valueAndGradients } from '@murmur/core/tensor/autodiff';
import { freeing, tensorOf, valuesOf, type Tensor } from '@murmur/core/tensor/ops';
import { float32Of, type FixtureTensor, type TensorsByName } from './fixture.ts';
import type { Computed } from './report.ts';

export const upload = (tensor: FixtureTensor): Tensor => tensorOf(float32Of(tensor), tensor.shape);

export const uploadAll = (tensors: TensorsByName): Map<string, Tensor> =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, upload(tensor)]));

export const computed = (tensor: Tensor): Computed => ({ shape: tensor.shape, data: valuesOf(tensor) });

export interface Differentiated {
  readonly value: Computed;
  /** By the inputs' names. */
  readonly gradients: ReadonlyMap<string, Computed>;
}

/** Value of `of` and the gradients of `sum(value · cotangent)` by every input; a scalar value needs no cotangent. */
export function differentiate(
  inputs: TensorsByName,
  of: (inputs: ReadonlyMap<string, Tensor>) => Tensor,
  cotangent?: FixtureTensor,
): Differentiated {
  return freeing(() => {
    const tensors = uploadAll(inputs);
    const dy = cotangent === undefined ? undefined : upload(cotangent);
    const { value, gradients } = valueAndGradients(() => of(tensors), [...tensors.values()], dy);
    const names = [...tensors.keys()];
    return {
      value: computed(value),
      gradients: new Map(gradients.map((gradient, i) => [names[i] as string, computed(gradient)])),
    };
  });
}
