import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** The PyTorch twin of the step, outside the checkout. */
const SCRIPT = fileURLToPath(new URL('../../../../shared/reference/bench_mae_torch.py', import.meta.url));

const result = z.object({ samples_per_s: z.number(), torch: z.string(), threads: z.number() });
export type TorchResult = z.infer<typeof result>;

async function hasTorch(python: string): Promise<boolean> {
  return run(python, ['-c', 'import torch']).then(
    () => true,
    () => false,
  );
}

export type TorchMeter =
  { readonly measure: (steps: number) => Promise<TorchResult> } | { readonly missing: string };

/** PyTorch on one thread, or the reason why it cannot be measured. */
export async function torchMeter(): Promise<TorchMeter> {
  if (!existsSync(SCRIPT)) return { missing: `the script ${SCRIPT} does not exist` };
  for (const python of ['/usr/bin/python3', 'python3', 'python']) {
    if (!(await hasTorch(python))) continue;
    return {
      measure: async (steps) => {
        const { stdout } = await run(python, [SCRIPT, '--threads', '1', '--steps', String(steps)]);
        return result.parse(JSON.parse(stdout));
      },
    };
  }
  return { missing: 'no python3 on this machine can import torch' };
}
