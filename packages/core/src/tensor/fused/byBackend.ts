import { runningGpu } from '../gpu/runningGpu.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runningMurmur } from '../simd/startMurmur.ts';

/** The ways to run one fused operation. */
export interface Variants<T> {
  /** By a kernel of ours. */
  murmur(backend: MurmurBackend): T;
  /** By a plain loop over the memory of one of tfjs's CPU backends. */
  loops(): T;
  /** Of tfjs's operations, where the memory is a GPU's and nothing may be read back. */
  composed(): T;
}

/** Runs the variant that the backend of this thread calls for; nothing else asks which backend that is. */
export function byBackend<T>({ murmur, loops, composed }: Variants<T>): T {
  const running = runningMurmur();
  if (running !== undefined) return murmur(running);
  return runningGpu() === undefined ? loops() : composed();
}
