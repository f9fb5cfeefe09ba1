import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { runningGpu, startGpu } from './gpu/runningGpu.ts';
import type { Variant } from './simd/kernels.ts';
import type { PoolUse } from './simd/memoryPool.ts';
import { runningMurmur, startMurmur } from './simd/startMurmur.ts';

/** From fast to slow. `murmur` is our own, with SIMD kernels; the others are tfjs's. */
export const backendNames = ['webgpu', 'webgl', 'murmur', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Those that need no GPU, and run in Node too. */
export const cpuBackendNames = ['murmur', 'wasm', 'cpu'] as const satisfies readonly BackendName[];

/** A reading takes a few milliseconds, a step on a small GPU not much more; each step ahead holds its losses only. */
const GPU_STEPS_AHEAD = 3;

/** Where the `.wasm` files lie, ending in `/` (a URL in a browser, a folder in Node), or the place of each file by its name. */
export type WasmPath = string | Readonly<Record<string, string>>;

export interface BackendChoice {
  /** Left out: the first of `cpuBackendNames` that starts; a GPU must be asked for by name. */
  readonly backend?: BackendName | undefined;
  /** Of tfjs's wasm backend. */
  readonly wasmPath?: WasmPath | undefined;
  /** Of the murmur backend; left out: relaxed SIMD where the machine has it. */
  readonly variant?: Variant | undefined;
}

/**
 * Starts a tensor backend and makes it the one of this thread; a thread has one backend at a time.
 * Throws when the backend that was asked for by name does not start.
 */
export async function startBackend({ backend, wasmPath, variant }: BackendChoice): Promise<BackendName> {
  tf.enableProdMode();
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // parallelism comes from several workers, and works on plain http
  const running = tf.getBackend();
  if (wasmPath !== undefined && running !== 'wasm')
    setWasmPaths(typeof wasmPath === 'string' ? wasmPath : { ...wasmPath });
  if (backend === 'webgl' || backend === 'webgpu') {
    await startGpu(backend);
    return backend;
  }
  const wanted = backend === undefined ? cpuBackendNames : [backend];
  for (const name of wanted) {
    if (name === 'murmur' ? await startMurmur(variant) : await tf.setBackend(name)) return name;
  }
  throw new Error(
    wanted.join() === 'murmur'
      ? `startBackend: this machine has no WebAssembly with ${variant === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}: leave the backend out to get the next one down`
      : `startBackend: the ${wanted.join(' or ')} backend did not start with wasm files at ${placesOf(wasmPath)}: check that the .wasm files are there`,
  );
}

function placesOf(wasmPath: WasmPath | undefined): string {
  if (wasmPath === undefined) return 'the default place';
  return typeof wasmPath === 'string' ? wasmPath : Object.values(wasmPath).join(', ');
}

/** What people are shown of the backend of this thread. */
export function backendTitle(): string {
  const murmur = runningMurmur();
  if (murmur === undefined) return softwareRenderer() ? `${tf.getBackend()} (software)` : tf.getBackend();
  return murmur.variant === 'relaxed' ? 'murmur relaxed simd' : 'murmur simd';
}

/** Whether the GPU backend of this thread draws on a program on the CPU, such as SwiftShader or llvmpipe: slower than murmur. */
export const softwareRenderer = (): boolean => runningGpu()?.software ?? false;

/**
 * Why the device of this thread was lost, a sentence, where a GPU backend runs and lost it: what it computes from then on is
 * garbage. Only another thread gets another device.
 */
export const deviceLoss = (): string | undefined => runningGpu()?.loss();

/** Like `deviceLoss`, and asks the driver for what it told nobody, such as memory that ran out: waits for it, so ask once a round. */
export const deviceErrors = (): string | undefined => runningGpu()?.errors();

/** Resolves to `deviceLoss` once there is one: never on a CPU. */
export const whenDeviceLost = (): Promise<string> => runningGpu()?.whenLost() ?? new Promise(() => undefined);

/** What a thrown `error` says where it is of memory that ran out, on whatever device: a sentence. */
export function outOfMemory(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (!/out of memory|allocation failed|could not allocate|unable to create webgl|none left/i.test(message))
    return undefined;
  return `this device ran out of memory (${message}): a smaller batch or model, or fewer other pages, may fit`;
}

/**
 * Steps that may be started while the losses of earlier ones are on their way: some on a GPU, which would idle while it is
 * waited for; none where this thread is the device.
 */
export const stepsAhead = (): number => (runningGpu() === undefined ? 0 : GPU_STEPS_AHEAD);

/** Throws where another backend was started on this thread since: tensors of two backends do not mix. */
export function requireBackend(name: BackendName): void {
  if (tf.getBackend() !== name) {
    throw new Error(
      `requireBackend: expected ${name}, received ${tf.getBackend()}: use one backend a thread`,
    );
  }
}

/** Tensors alive on this thread; level from step to step, or something leaks. */
export const liveTensors = (): number => tf.memory().numTensors;

/** Use of the murmur backend's memory, where it is the one of this thread; level from step to step, or something leaks. */
export const tensorMemory = (): PoolUse | undefined => runningMurmur()?.pool.use();
