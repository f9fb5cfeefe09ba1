/** Where things are measured: one thread each, with one tensor backend. */
import { nodeStand } from '../stand/nodeStand.ts';
import type { ChromiumStands } from '../stand/chromiumStands.ts';
import type { Stand, StandBackend } from '../stand/task.ts';
import type { Torch } from './torch/torch.ts';

export type Place =
  | 'nodePlain'
  | 'nodeWasm'
  | 'chromiumRelaxed'
  | 'chromiumPlain'
  | 'chromiumWasm'
  | 'chromiumWebgl'
  | 'chromiumWebgpu';

const backends: Readonly<Record<Place, StandBackend>> = {
  nodePlain: 'plain',
  nodeWasm: 'wasm',
  chromiumRelaxed: 'relaxed',
  chromiumPlain: 'plain',
  chromiumWasm: 'wasm',
  chromiumWebgl: 'webgl',
  chromiumWebgpu: 'webgpu',
};

export const placeTitles: Readonly<Record<Place, string>> = {
  nodePlain: 'Node, murmur plain SIMD',
  nodeWasm: 'Node, tfjs wasm',
  chromiumRelaxed: 'Chromium, murmur relaxed SIMD',
  chromiumPlain: 'Chromium, murmur plain SIMD',
  chromiumWasm: 'Chromium, tfjs wasm',
  chromiumWebgl: 'Chromium, WebGL',
  chromiumWebgpu: 'Chromium, WebGPU',
};

export interface EngineContext {
  /** Undefined where the machine has none. */
  readonly torch: Torch | undefined;
  readonly chromium: ChromiumStands | undefined;
  readonly gpu: boolean;
  readonly quick: boolean;
  /** Of the ratios; the other parts take at most three. */
  readonly rounds: number;
  /** Timed steps in a round, at most. */
  readonly steps: number;
  log(line: string): void;
}

/** Rounds of the tables beside the ratios, so that all of it takes about ten minutes. */
export const tableRounds = ({ rounds }: EngineContext): number => Math.min(rounds, 3);

const onCpu: readonly Place[] = ['nodePlain', 'nodeWasm', 'chromiumRelaxed', 'chromiumPlain', 'chromiumWasm'];

export interface OpenPlace extends Stand {
  readonly place: Place;
}

/** Threads at these places, of those that the machine has; the caller closes them. */
export function openPlaces(context: EngineContext, wanted?: readonly Place[]): OpenPlace[] {
  const gpu: readonly Place[] = context.gpu ? ['chromiumWebgl', 'chromiumWebgpu'] : [];
  return (wanted ?? [...onCpu, ...gpu]).flatMap((place) => {
    if (place.startsWith('node')) return [{ place, ...nodeStand(backends[place]) }];
    return context.chromium === undefined ? [] : [{ place, ...context.chromium.open(backends[place]) }];
  });
}

export async function closePlaces(places: readonly Pick<Stand, 'close'>[]): Promise<void> {
  for (const place of places) await place.close();
}
