import { createEngine, type MakeTrainer } from '@murmur/core/engine/engine';
import { expose, releaseProxy, transfer, type Endpoint, type Remote } from 'comlink';
import type { EnginePort } from '@murmur/core/volunteer/ports';

type OnStep = Parameters<EnginePort['train']>[2];

/** The whole memory behind these bytes moves; they must not share it with anything that stays. */
const buffersOf = (bytes: readonly Uint8Array[]): ArrayBufferLike[] => [
  ...new Set(bytes.map((b) => b.buffer)),
];

const moved = <T>(value: T, bytes: readonly Uint8Array[]): T =>
  transfer(
    value,
    buffersOf(bytes).filter((b): b is ArrayBuffer => b instanceof ArrayBuffer),
  );

/** Serves an engine to the other thread; large results move instead of being copied. */
export function exposeEngine(makeTrainer: MakeTrainer, endpoint?: Endpoint): void {
  const engine = createEngine({ makeTrainer });
  const served: EnginePort = {
    ...engine,
    async train(manifest, leases, onStep) {
      const result = await engine.train(manifest, leases, onStep);
      // Comlink made a port for the callback; unreleased, each round would leave one behind.
      if (isRemote(onStep)) onStep[releaseProxy]();
      return result.kind === 'trained' ? moved(result, result.parts) : result;
    },
    async reduce(...args) {
      const result = await engine.reduce(...args);
      return result.kind === 'reduced' ? moved(result, [result.bytes]) : result;
    },
    async preview(round) {
      const preview = await engine.preview(round);
      return preview && moved(preview, [preview.original, preview.masked, preview.predicted]);
    },
  };
  expose(served, endpoint);
}

const isRemote = (onStep: OnStep): onStep is OnStep & Remote<OnStep> => releaseProxy in onStep;
