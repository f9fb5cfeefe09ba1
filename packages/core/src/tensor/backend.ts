import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

export type BackendName = 'wasm' | 'cpu';

/** Where the `.wasm` files lie, ending in `/` (a URL in a browser, a folder in Node), or the place of each file by its name. */
export type WasmPath = string | Readonly<Record<string, string>>;

export interface BackendChoice {
  /** Left out: wasm where it starts, else cpu. */
  readonly backend?: BackendName | undefined;
  readonly wasmPath?: WasmPath | undefined;
}

/**
 * Starts a tfjs backend and makes it the one of this thread; a thread has one backend at a time.
 * Throws when the backend that was asked for by name does not start.
 */
export async function startBackend({ backend, wasmPath }: BackendChoice): Promise<BackendName> {
  tf.enableProdMode();
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // parallelism comes from several workers, and works on plain http
  const running = tf.getBackend();
  if (wasmPath !== undefined && running !== 'wasm')
    setWasmPaths(typeof wasmPath === 'string' ? wasmPath : { ...wasmPath });
  const wanted: readonly BackendName[] = backend === undefined ? ['wasm', 'cpu'] : [backend];
  for (const name of wanted) {
    if (await tf.setBackend(name)) return name;
  }
  throw new Error(
    `startBackend: the ${wanted.join(' or ')} backend did not start with wasm files at ${placesOf(wasmPath)}: check that the .wasm files are there`,
  );
}

function placesOf(wasmPath: WasmPath | undefined): string {
  if (wasmPath === undefined) return 'the default place';
  return typeof wasmPath === 'string' ? wasmPath : Object.values(wasmPath).join(', ');
}

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
