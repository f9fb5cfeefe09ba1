/** PyTorch on one thread of this machine, where a python3 has it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { maePreset, simclrPreset } from '@murmur/core/models/presets';
import { z } from 'zod';
import type { OperationSpec } from '../../stand/operations.ts';
import { PICTURE } from '../../stand/stepSampler.ts';
import type { Direction, StepTask } from '../../stand/task.ts';

const run = promisify(execFile);

/** The twin of the masked autoencoder's step; it lies outside the checkout. */
const MAE_SCRIPT = fileURLToPath(
  new URL('../../../../../shared/reference/bench_mae_torch.py', import.meta.url),
);
const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const machine = z.object({ torch: z.string(), blas: z.array(z.string()) });
const rate = z.object({ samples_per_s: z.number() });
const times = z.array(z.number());

/** A process that times operations, one after the other. */
export interface TorchOperations {
  /** Milliseconds of a call, for each sample. */
  time(spec: OperationSpec, direction: Direction, samples: number): Promise<number[]>;
  close(): Promise<void>;
}

export interface Torch {
  readonly version: string;
  /** Files of the BLAS that it loaded. */
  readonly blas: readonly string[];
  /** samples/s of the twin of a step, median of `steps`; null where the script for it is missing. */
  rate(task: StepTask, steps: number): Promise<number | null>;
  openOperations(): TorchOperations;
}

async function hasTorch(python: string): Promise<boolean> {
  return run(python, ['-c', 'import torch']).then(
    () => true,
    () => false,
  );
}

function maeFlags({ preset, batch }: StepTask): string[] {
  const c = maePreset(preset, PICTURE);
  const flags = {
    ...{ dim: c.hiddenSize, depth: c.numHiddenLayers, heads: c.numAttentionHeads },
    ...{ 'decoder-dim': c.decoderHiddenSize, 'decoder-depth': c.decoderNumHiddenLayers },
    ...{ 'decoder-heads': c.decoderNumAttentionHeads, batch, threads: 1, warmup: 2 },
    ...{ patch: c.patchSize, image: c.imageSize, channels: c.numChannels, 'mask-ratio': c.maskRatio },
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function simclrSizes({ preset, batch }: StepTask): object {
  const c = simclrPreset(preset, PICTURE);
  const {
    hiddenSize: dim,
    numHiddenLayers: depth,
    numAttentionHeads: heads,
    projectionSizes: projection,
  } = c;
  return { dim, depth, heads, patch: c.patchSize, image: c.imageSize, projection, batch };
}

function operationsIn(python: string): TorchOperations {
  const child = spawn(python, ['-B', own('operations.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started = lines.next();
  return {
    async time({ kind, sizes }, direction, samples) {
      await started;
      child.stdin.write(`${JSON.stringify({ kind, sizes, direction, samples })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`operations.py ended at ${kind}; its error is above`);
      return times.parse(JSON.parse(value));
    },
    async close() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin.end();
      await ended;
    },
  };
}

function torchOf(python: string, { torch, blas }: z.infer<typeof machine>): Torch {
  const execute = async (args: readonly string[]): Promise<unknown> => {
    const { stdout } = await run(python, ['-B', ...args]);
    return JSON.parse(stdout);
  };
  return {
    version: torch,
    blas,
    async rate(task, steps) {
      if (task.objective === 'simclr')
        return rate.parse(await execute([own('simclr.py'), JSON.stringify(simclrSizes(task)), String(steps)]))
          .samples_per_s;
      if (!existsSync(MAE_SCRIPT)) return null;
      return rate.parse(await execute([MAE_SCRIPT, ...maeFlags(task), '--steps', String(steps)]))
        .samples_per_s;
    },
    openOperations: () => operationsIn(python),
  };
}

/** PyTorch, or undefined, said aloud, where no python3 can import it. */
export async function findTorch(log: (line: string) => void): Promise<Torch | undefined> {
  if (!existsSync(MAE_SCRIPT))
    log(`bench: the masked autoencoder in PyTorch is left out: ${MAE_SCRIPT} does not exist`);
  for (const python of ['/usr/bin/python3', 'python3', 'python']) {
    if (!(await hasTorch(python))) continue;
    const { stdout } = await run(python, ['-B', own('onethread.py')]);
    return torchOf(python, machine.parse(JSON.parse(stdout)));
  }
  log('bench: PyTorch is left out: no python3 on this machine can import torch');
  return undefined;
}
