import * as tf from '@tensorflow/tfjs';
import { onCpu } from './fallback.ts';
import { graphKernels, type Call } from './graphKernels.ts';
import { loadKernels, supports, type Variant } from './kernels.ts';
import { MemoryPool } from './memoryPool.ts';
import { MurmurBackend } from './murmurBackend.ts';

export const MURMUR = 'murmur';

/** Every kernel of the cpu backend gets one here: ours, with the cpu's for the cases that ours leaves out. */
function registerKernels(backend: MurmurBackend): void {
  for (const config of tf.getKernelsForBackend('cpu')) {
    const { kernelName } = config;
    const own = graphKernels[kernelName];
    const other = onCpu(config, backend);
    const kernelFunc: tf.KernelFunc = (call) => {
      const { inputs, attrs = {} } = call;
      return own?.({ backend, inputs, attrs } as Call) ?? other(call);
    };
    tf.registerKernel({ kernelName, backendName: MURMUR, kernelFunc });
  }
}

/**
 * Makes the murmur backend the one of this thread, with relaxed SIMD where the machine has it; `variant` asks for one.
 * Says whether it did: a machine without SIMD, or without that variant, keeps the backend it has.
 */
export async function startMurmur(variant?: Variant): Promise<boolean> {
  const running = tf.engine().registryFactory[MURMUR] === undefined ? undefined : tf.findBackend(MURMUR);
  if (running instanceof MurmurBackend && (variant === undefined || variant === running.variant))
    return tf.setBackend(MURMUR);
  const wanted: readonly Variant[] = variant === undefined ? ['relaxed', 'plain'] : [variant];
  const chosen = wanted.find(supports);
  if (chosen === undefined) return false;
  if (running instanceof MurmurBackend)
    throw new Error(
      `startMurmur: expected ${chosen} SIMD, this thread runs ${running.variant}; use another thread`,
    );
  const pool = new MemoryPool();
  const backend = new MurmurBackend(chosen, await loadKernels(chosen, pool.memory), pool);
  tf.registerBackend(MURMUR, () => backend, 0);
  registerKernels(backend);
  return tf.setBackend(MURMUR);
}

/** The murmur backend, where it is the one of this thread. */
export function runningMurmur(): MurmurBackend | undefined {
  const backend = tf.backend();
  return backend instanceof MurmurBackend ? backend : undefined;
}
