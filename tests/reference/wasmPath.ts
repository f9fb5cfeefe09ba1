import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

/** The folder of tfjs's `.wasm` files, as installed for the core package. */
export function nodeWasmPath(): string {
  const core = createRequire(new URL('../../packages/core/package.json', import.meta.url));
  return dirname(core.resolve('@tensorflow/tfjs-backend-wasm')) + sep;
}
