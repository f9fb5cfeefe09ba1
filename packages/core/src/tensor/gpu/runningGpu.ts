import * as tf from '@tensorflow/tfjs';
import type { DeviceWatch } from './deviceWatch.ts';

type GpuBackend = tf.KernelBackend & { readonly watch: DeviceWatch };

// Told by what it has: its class must not be imported here, or every page would load it.
const isGpu = (backend: tf.KernelBackend): backend is GpuBackend => 'watch' in backend;

/** The watch of the GPU backend, where one is the backend of this thread. */
export function runningGpu(): DeviceWatch | undefined {
  const backend: tf.KernelBackend | undefined = tf.engine().registry[tf.getBackend()];
  return backend !== undefined && isGpu(backend) ? backend.watch : undefined;
}

export type GpuName = 'webgl' | 'webgpu';

/** Makes a GPU backend the one of this thread; throws a sentence where it does not start. */
export async function startGpu(name: GpuName): Promise<void> {
  const running: tf.KernelBackend | undefined = tf.engine().registry[name];
  if (running !== undefined && isGpu(running)) await tf.setBackend(name);
  else if (name === 'webgl') await (await import('./webgl.ts')).startWebgl();
  else await (await import('./webgpu.ts')).startWebgpu();
}
