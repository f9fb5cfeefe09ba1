import * as tf from '@tensorflow/tfjs';
import type { MurmurBackend } from './murmurBackend.ts';

type Values = tf.backend_util.BackendValues;

/** What the cpu backend of tfjs offers; its class is not exported. */
interface CpuBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Values): tf.TensorInfo;
}

const isCpu = (backend: tf.KernelBackend): backend is CpuBackend => 'makeTensorInfo' in backend;

function cpuBackend(): CpuBackend {
  const backend: tf.KernelBackend | null = tf.findBackend('cpu');
  if (backend !== null && isCpu(backend)) return backend;
  throw new Error('fallback: expected the cpu backend of the tensor library to be registered');
}

type Inputs = tf.NamedTensorInfoMap | readonly tf.TensorInfo[];

/** Kernels take their inputs by name, or in a list. */
function mapped(inputs: Inputs, copy: (info: tf.TensorInfo) => tf.TensorInfo): tf.NamedTensorInfoMap {
  const optional = (info: tf.TensorInfo | null | undefined) => (info ? copy(info) : info);
  if (Array.isArray(inputs)) return inputs.map(optional) as unknown as tf.NamedTensorInfoMap;
  const pairs = Object.entries(inputs).map(([name, info]) => [name, optional(info)]);
  return Object.fromEntries(pairs) as tf.NamedTensorInfoMap;
}

/** A kernel of the cpu backend on tensors of the murmur backend: copied in, run, copied out, and counted. */
export function onCpu(config: tf.KernelConfig, backend: MurmurBackend): tf.KernelFunc {
  return ({ inputs, attrs }) => {
    backend.fallbacks.set(config.kernelName, (backend.fallbacks.get(config.kernelName) ?? 0) + 1);
    const cpu = cpuBackend();
    const copies: tf.TensorInfo[] = [];
    const copy = ({ dataId, shape, dtype }: tf.TensorInfo) => {
      const info = cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId));
      copies.push(info);
      return info;
    };
    const result = config.kernelFunc({ inputs: mapped(inputs, copy), attrs, backend: cpu });
    const results = Array.isArray(result) ? result : [result];
    const outputs = results.map(({ dataId, shape, dtype }) => ({
      dataId: backend.write(cpu.readSync(dataId), shape, dtype),
      shape,
      dtype,
    }));
    for (const { dataId } of [...copies, ...results]) cpu.disposeData(dataId, true);
    return Array.isArray(result) ? outputs : (outputs[0] as tf.TensorInfo);
  };
}
