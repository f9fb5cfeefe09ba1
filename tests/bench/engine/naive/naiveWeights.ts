import * as tf from '@tensorflow/tfjs';
import { unflatten, type ParamSchema, type ParamSpec } from '@murmur/core/tensor/params';

/** Whether tfjs's users store it the other way round: `[in, out]`, where ours is `[out, in]` as in PyTorch. */
export const isKernel = ({ name, shape }: ParamSpec): boolean => name.endsWith('.weight') && shape.length > 1;

/** A kernel `[out, in]`, or `[D, C, p, p]`, as `[in, out]`; its rows follow row, column, channel of a patch. */
function turned(values: Float32Array, shape: readonly number[]): tf.Tensor {
  const [outputs = 1] = shape;
  const tensor = tf.tensor(values, [...shape]);
  const inputsFirst = shape.length === 4 ? tf.transpose(tensor, [2, 3, 1, 0]) : tf.transpose(tensor);
  return tf.reshape(inputsFirst, [-1, outputs]);
}

/** The parameters of a vector in schema order, by name, kernels turned. The caller owns them. */
export function naiveWeights(schema: ParamSchema, params: Float32Array): Record<string, tf.Tensor> {
  const views = unflatten(schema, params);
  return tf.tidy(() =>
    Object.fromEntries(
      schema.map((spec) => {
        const values = views.get(spec.name) as Float32Array;
        return [spec.name, isKernel(spec) ? turned(values, spec.shape) : tf.tensor(values, [...spec.shape])];
      }),
    ),
  );
}
