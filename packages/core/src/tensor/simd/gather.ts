import type * as tf from '@tensorflow/tfjs';
import { elements } from './axes.ts';
import type { MurmurBackend } from './murmurBackend.ts';

/** Where the values of an int32 tensor lie, checked to be below `rows`: a kernel reads wherever they point. */
function rowIndices(backend: MurmurBackend, indices: tf.TensorInfo, rows: number): number {
  const values = backend.readSync(indices.dataId) as Int32Array;
  const wrong = values.find((row) => row < 0 || row >= rows);
  if (wrong === undefined) return backend.anyPointer(indices);
  throw new Error(`GatherV2: the index ${wrong} is out of bounds: expected 0 to ${rows - 1}`);
}

/** Rows of x along its first axis in the order of int32 `indices`. */
export function gathered(backend: MurmurBackend, x: tf.TensorInfo, indices: tf.TensorInfo): tf.TensorInfo {
  const [rows = 0, ...rest] = x.shape;
  const from = rowIndices(backend, indices, rows);
  const out = backend.output([...indices.shape, ...rest]);
  const sizes = [elements(indices.shape), elements(rest)] as const;
  backend.kernels.gatherRows(backend.pointer(x), from, backend.pointer(out), ...sizes);
  return out;
}

/** Rows of x `[S, …]` added up by the segment that int32 `ids` `[S]` names; rows of no segment are left out. */
export function segmentSums(
  backend: MurmurBackend,
  x: tf.TensorInfo,
  ids: tf.TensorInfo,
  segments: number,
): tf.TensorInfo {
  const rest = x.shape.slice(1);
  const out = backend.output([segments, ...rest]);
  const sizes = [elements(ids.shape), elements(rest), segments] as const;
  backend.kernels.scatterRows(backend.pointer(x), backend.anyPointer(ids), backend.pointer(out), ...sizes);
  return out;
}
