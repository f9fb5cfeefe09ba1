import { valueAndGradients } from '@murmur/core/tensor/autodiff';
import { readFreeing, tensorOf, type Tensor } from '@murmur/core/tensor/ops';
import { float32Of, type FixtureTensor, type TensorsByName } from './fixture.ts';
import type { Computed } from './report.ts';

export const upload = (tensor: FixtureTensor): Tensor => tensorOf(float32Of(tensor), tensor.shape);

export const uploadAll = (tensors: TensorsByName): Map<string, Tensor> =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, upload(tensor)]));

/** What `work` makes, by name, read once the device has it. */
export async function computed<N extends string>(
  work: () => Readonly<Record<N, Tensor>>,
): Promise<Record<N, Computed>> {
  const shapes: [string, readonly number[]][] = [];
  const values = await readFreeing(() => {
    const tensors: [string, Tensor][] = Object.entries(work());
    shapes.push(...tensors.map(([name, { shape }]) => [name, shape] as [string, readonly number[]]));
    return tensors.map(([, tensor]) => tensor);
  });
  const all = shapes.map(([name, shape], i) => [name, { shape, data: values[i] as Float32Array }] as const);
  return Object.fromEntries<Computed>(all) as Record<N, Computed>;
}

/** Beside gradients by the names of inputs, none of which is empty. */
const VALUE = '';

export interface Differentiated {
  readonly value: Computed;
  /** By the inputs' names. */
  readonly gradients: ReadonlyMap<string, Computed>;
}

/** Value of `of` and the gradients of `sum(value · cotangent)` by every input; a scalar value needs no cotangent. */
export async function differentiate(
  inputs: TensorsByName,
  of: (inputs: ReadonlyMap<string, Tensor>) => Tensor,
  cotangent?: FixtureTensor,
): Promise<Differentiated> {
  const names = Object.keys(inputs);
  const { [VALUE]: value, ...gradients } = await computed(() => {
    const tensors = uploadAll(inputs);
    const dy = cotangent === undefined ? undefined : upload(cotangent);
    const got = valueAndGradients(() => of(tensors), [...tensors.values()], dy);
    const byName = names.map((name, i) => [name, got.gradients[i] as Tensor] as const);
    return { [VALUE]: got.value, ...Object.fromEntries(byName) };
  });
  if (value === undefined) throw new Error('differentiate: expected a value');
  return { value, gradients: new Map(Object.entries(gradients)) };
}
