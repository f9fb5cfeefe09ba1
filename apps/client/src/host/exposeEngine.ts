import { createEngine, type EngineHost } from '@murmur/core/engine/engine';
import { expose, releaseProxy, transfer, type Endpoint, type Remote } from 'comlink';
import type { OnStep, WorkerPort } from '@murmur/core/volunteer/ports';
import { arraysOf } from './orderArrays.ts';

type Arrays = readonly (Uint8Array | Uint16Array | Float32Array)[];

/** The whole memory behind these arrays moves; they must not share it with anything that stays. */
const buffersOf = (arrays: Arrays): ArrayBufferLike[] => [...new Set(arrays.map((b) => b.buffer))];

const moved = <T>(value: T, arrays: Arrays): T =>
  transfer(
    value,
    buffersOf(arrays).filter((b): b is ArrayBuffer => b instanceof ArrayBuffer),
  );

/** Serves an engine to the other thread; large results move instead of being copied. */
export function exposeEngine(host: EngineHost, endpoint?: Endpoint): void {
  const engine = createEngine(host);
  const served: WorkerPort = {
    ...engine,
    async divide(...args) {
      const result = await engine.divide(...args);
      if (result.kind !== 'divided') return result;
      return moved(result, result.orders.flatMap(arraysOf));
    },
    async work(order, onStep) {
      const result = await engine.work(order, onStep);
      // Comlink made a port for the callback; unreleased, each round would leave one behind.
      if (isRemote(onStep)) onStep[releaseProxy]();
      return result.kind === 'worked' ? moved(result, [result.gradient]) : result;
    },
    async contribute(...args) {
      const result = await engine.contribute(...args);
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
