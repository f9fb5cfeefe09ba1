import * as tf from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { MurmurBackend } from './simd/murmurBackend.ts';

type Shape = readonly number[];

/** One float32 view for each tensor or shape of `T`. */
type Views<T extends readonly unknown[]> = { readonly [I in keyof T]: Float32Array };

/** One tensor for each shape of `T`. */
type Outputs<T extends readonly unknown[]> = { readonly [I in keyof T]: tf.Tensor };

/** What the cpu backend of tfjs offers; its class is not exported. */
interface CpuStore {
  readonly data: { get(dataId: object): { values: unknown } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
}

/** Output memory first, views second: making an output may move the heap. */
interface Memory {
  output(shape: Shape): tf.TensorInfo;
  view(info: tf.TensorInfo): unknown;
}

const isCpuStore = (backend: object): backend is CpuStore => 'data' in backend && 'makeTensorInfo' in backend;

function memoryOf(backend: object): Memory {
  if (backend instanceof MurmurBackend) {
    return { output: (shape) => backend.output(shape), view: (info) => backend.view(info) };
  }
  if (backend instanceof BackendWasm) {
    return {
      output: (shape) => backend.makeOutput([...shape], 'float32'),
      view: (info) => backend.typedArrayFromHeap(info),
    };
  }
  if (isCpuStore(backend)) {
    return {
      output: (shape) =>
        backend.makeTensorInfo([...shape], 'float32', new Float32Array(tf.util.sizeFromShape([...shape]))),
      view: (info) => backend.data.get(info.dataId).values,
    };
  }
  throw new Error(
    `runLoop: expected the murmur, wasm or cpu backend, received ${tf.getBackend()}: compose it of tfjs operations there`,
  );
}

function float32(values: unknown): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new Error('runLoop: expected float32 tensors; cast the input first');
}

/**
 * Runs a plain loop over the memory of float32 tensors, without copying: the loop fills outputs of the given shapes,
 * whose content is undefined before. It replaces chains of small kernels, some of which tfjs has only slow or not at
 * all on wasm. Borrows `inputs`. Has no gradient: call it inside `differentiable`.
 */
export function runLoop<const I extends readonly tf.Tensor[], const S extends readonly Shape[]>(
  inputs: I,
  shapes: S,
  loop: (inputs: Views<I>, outputs: Views<S>) => void,
): Outputs<S> {
  const memory = memoryOf(tf.backend());
  const outputs = shapes.map(memory.output);
  const views = (infos: readonly tf.TensorInfo[]) => infos.map((info) => float32(memory.view(info)));
  loop(views(inputs) as Views<I>, views(outputs) as Views<S>);
  return outputs.map((info) => tf.engine().makeTensorFromTensorInfo(info)) as Outputs<S>;
}

/** `runLoop` with a single output. */
export function runLoopOnce<const I extends readonly tf.Tensor[]>(
  inputs: I,
  shape: Shape,
  loop: (inputs: Views<I>, output: Float32Array) => void,
): tf.Tensor {
  return runLoop(inputs, [shape], (from, [to]) => loop(from, to))[0];
}
