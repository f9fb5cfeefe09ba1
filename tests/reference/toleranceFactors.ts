import type { BackendName } from '@murmur/core/tensor/backend';

/**
 * How many times the tolerance that a golden file states is allowed on each backend. One for all: software WebGL and WebGPU
 * need at most a seventh of it. The files allow GPUs ten times, for hardware whose exponentials and roots are coarse.
 */
export const toleranceFactors: Readonly<Record<BackendName, number>> = {
  webgpu: 1,
  webgl: 1,
  murmur: 1,
  wasm: 1,
  cpu: 1,
};
