import { createFetchPort } from '@murmur/client/host/fetchPort';
import { hostClock } from '@murmur/client/host/hostClock';
import { memoryShardCache } from '@murmur/client/host/shardCache';
import { createSocketControl } from '@murmur/client/host/socketControl';
import { createEngine, type EngineHost } from '@murmur/core/engine/engine';
import { startBackend } from '@murmur/core/tensor/backend';
import { createTrainer } from '@murmur/core/train/trainer';
import type { Clock, VolunteerPorts } from '@murmur/core/volunteer/ports';
import { superviseEngine } from '@murmur/core/volunteer/supervisor/superviseEngine';
import { createVolunteer } from '@murmur/core/volunteer/volunteer';

const BACKEND = 'murmur';

/** Time stands still, so that what a volunteer says of its speed is the same in every run. */
const still: Clock = { now: () => 0, after: hostClock.after };
const trainerClock = { now: () => 0, pause: () => new Promise<void>((resolve) => setImmediate(resolve)) };

const engineHost: EngineHost = {
  async start() {
    await startBackend({ backend: BACKEND });
    return { kind: 'started', title: BACKEND };
  },
  makeTrainer: (spec) => createTrainer(spec, { backend: BACKEND, clock: trainerClock }),
  isDeviceLost: () => false,
  now: () => 0,
};

/** An engine on this very thread. */
const spawn = () => ({
  port: createEngine(engineHost),
  died: new Promise<string>(() => undefined),
  terminate: () => undefined,
});

export interface Origins {
  /** Where the socket goes. */
  readonly socket: string;
  /** Where shards and versions come from. */
  readonly content: string;
  readonly fetch: typeof fetch;
}

/** A real volunteer that joins at once: its life, its socket, its training. Alone in a run it needs no links. */
export function joinInProcess({ socket, content, fetch }: Origins): { leave(): void } {
  const log = (): void => undefined;
  const options = { clock: still, log, spawn, candidates: [{ backend: BACKEND }] };
  const ports: VolunteerPorts = {
    ...{ host: 'headless', name: 'Ada', token: undefined, clock: still, log },
    control: createSocketControl({ origin: socket, clock: still, log }),
    links: {
      open() {
        throw new Error('joinInProcess: expected to be the only volunteer');
      },
    },
    fetch: createFetchPort({ origin: content, cache: memoryShardCache(2 ** 26), clock: still, fetch }),
    engine: superviseEngine({ ...options, cores: 1, workers: 1, throttle: 1 }),
  };
  const volunteer = createVolunteer(ports, () => undefined);
  volunteer.join();
  return {
    leave() {
      volunteer.leave();
      void ports.engine.dispose();
    },
  };
}
