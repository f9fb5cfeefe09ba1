import { availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { EngineContext } from './places.ts';
import type { Machine } from './result.ts';

/** What the figures hold for. */
export function machineOf({ torch, chromium }: Pick<EngineContext, 'torch' | 'chromium'>): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    platform: platform(),
    node: process.versions.node,
    chromium: chromium?.version ?? null,
    torch: torch?.version ?? null,
    blas: torch?.blas ?? null,
  };
}
