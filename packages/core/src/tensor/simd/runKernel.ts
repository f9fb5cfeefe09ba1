import * as tf from '@tensorflow/tfjs';
import type { MurmurBackend } from './murmurBackend.ts';

type Shape = readonly number[];
type Pointers<T extends readonly unknown[]> = { readonly [I in keyof T]: number };
type Outputs<T extends readonly unknown[]> = { readonly [I in keyof T]: tf.Tensor };

/**
 * Runs a kernel that fills outputs of the given shapes, whose content is undefined before. Borrows `inputs`. Has no
 * gradient: call it inside `differentiable`. Take scratch before: pointers stay good whatever is allocated.
 */
export function runKernel<const I extends readonly tf.Tensor[], const S extends readonly Shape[]>(
  backend: MurmurBackend,
  inputs: I,
  shapes: S,
  kernel: (inputs: Pointers<I>, outputs: Pointers<S>) => void,
): Outputs<S> {
  const outputs = shapes.map((shape) => backend.output(shape));
  const pointers = (infos: readonly tf.TensorInfo[]) => infos.map((info) => backend.pointer(info));
  kernel(pointers(inputs) as unknown as Pointers<I>, pointers(outputs) as unknown as Pointers<S>);
  return outputs.map((info) => tf.engine().makeTensorFromTensorInfo(info)) as unknown as Outputs<S>;
}
