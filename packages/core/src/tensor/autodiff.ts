import * as tf from '@tensorflow/tfjs';
import type { Tensor } from './ops.ts';

export interface Forward<S extends readonly Tensor[]> {
  readonly value: Tensor;
  /** Tensors of the forward pass that the gradient needs; they are kept until then. */
  readonly saved: S;
  /** Gradients of the inputs, in order, given that of the value. */
  gradient(dy: Tensor, saved: S): Tensor[];
}

/** A function of `inputs` with a gradient of its own. Borrows the inputs. */
export function differentiable<const S extends readonly Tensor[]>(
  inputs: readonly Tensor[],
  forward: () => Forward<S>,
): Tensor {
  const operation = tf.customGrad((...args) => {
    const save = args.at(-1);
    if (typeof save !== 'function') throw new Error('differentiable: tfjs passed no save function');
    const { value, saved, gradient } = forward();
    save([...saved]);
    return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy, kept as readonly Tensor[] as S) };
  });
  return operation(...inputs);
}

export interface ValueAndGradients {
  readonly value: Tensor;
  readonly gradients: Tensor[];
}

/**
 * A scalar and its gradients by every input; a cotangent `dy` of the value's shape turns them into those of
 * `sum(value * dy)`. The caller owns what is returned.
 */
export function valueAndGradients(
  of: () => Tensor,
  inputs: readonly Tensor[],
  dy?: Tensor,
): ValueAndGradients {
  const { value, grads } = tf.engine().gradients(of, [...inputs], dy);
  return { value, gradients: grads };
}
