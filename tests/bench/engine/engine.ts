/** npm run bench -- engine: the training engine beside PyTorch on one thread and tfjs's wasm backend as it comes, in one run. */
import type { BenchOptions } from '../options.ts';
import { chromiumStands } from '../stand/chromiumStands.ts';
import { attention } from './attention.ts';
import { machineOf } from './machine.ts';
import { operationTimes } from './operationTimes.ts';
import type { EngineContext } from './places.ts';
import { products } from './products.ts';
import { ratios } from './ratios.ts';
import type { EngineParts, EngineResult } from './result.ts';
import { steps } from './steps.ts';
import { findTorch } from './torch/torch.ts';

/** By the names that `--only` takes. */
export const parts: Readonly<Record<string, (context: EngineContext) => Promise<EngineParts>>> = {
  ratios,
  attention,
  products,
  operations: operationTimes,
  steps,
};

const DEFAULTS = { rounds: 7, steps: 8 };
const QUICK = { rounds: 1, steps: 2 };

function wantedParts(only: readonly string[] | undefined): string[] {
  const unknown = only?.filter((name) => parts[name] === undefined) ?? [];
  if (unknown.length === 0) return Object.keys(parts).filter((name) => only?.includes(name) ?? true);
  throw new Error(`--only takes ${Object.keys(parts).join(', ')}; received ${unknown.join(', ')}`);
}

/** The chosen parts, one after the other, in one object. */
export async function engine(options: BenchOptions): Promise<EngineResult> {
  const { log, quick, gpu } = options;
  const wanted = wantedParts(options.only);
  const defaults = quick ? QUICK : DEFAULTS;
  const torch = await findTorch(log);
  const chromium = await chromiumStands(log, { gpu });
  const [rounds, count] = [options.rounds ?? defaults.rounds, options.steps ?? defaults.steps];
  const context = { torch, chromium, gpu, quick, rounds, steps: count, log };
  let result: EngineResult = { bench: 'engine', machine: machineOf(context) };
  try {
    for (const name of wanted) {
      const began = performance.now();
      result = { ...result, ...(await parts[name]?.(context)) };
      log(`${name} took ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
    return result;
  } finally {
    await chromium?.close();
  }
}
