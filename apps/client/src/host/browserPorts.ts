import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import type { Candidate } from '@murmur/core/volunteer/supervisor/choice';
import { superviseEngine } from '@murmur/core/volunteer/supervisor/superviseEngine';
import { browserDevice } from './deviceName.ts';
import { createFetchPort } from './fetchPort.ts';
import { hostClock } from './hostClock.ts';
import { indexedDbShardCache } from './indexedDbShardCache.ts';
import { memoryShardCache, withFallback } from './shardCache.ts';
import { remoteWorker, type HostThread } from './remoteWorker.ts';
import { createSimplePeerLinks } from './simplePeerLinks.ts';
import { createSocketControl } from './socketControl.ts';

const MOST_DISK_BYTES = 512 * 1024 * 1024;
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;

export interface BrowserOptions {
  readonly origin: string;
  readonly name: string;
  readonly token?: string;
  /** Training workers, one a core; half of the cores when left out. */
  readonly workers?: number;
  /** The share of the time that workers compute, 0.1 to 1; all of it when left out. */
  readonly throttle?: number;
  /** The backend to train with; the fastest that is correct when left out. */
  readonly backend?: string;
  /** Where sentences go; the console when left out. */
  readonly log?: (sentence: string) => void;
}

/** What a volunteer needs, made of a page: worker, socket, WebRTC, IndexedDB. Works on plain http. */
export async function browserPorts(options: BrowserOptions): Promise<VolunteerPorts> {
  const { origin, name, token, log = (sentence) => console.info(`murmur: ${sentence}`) } = options;
  const clock = hostClock;
  const cores = Math.max(1, navigator.hardwareConcurrency || 1);
  const { workers = Math.max(1, Math.floor(cores / 2)), throttle = 1, backend } = options;
  const device = browserDevice(navigator.userAgent, navigator.hardwareConcurrency);
  const spawn = () => remoteWorker(startWorker(), device);
  const cache = withFallback(
    indexedDbShardCache(MOST_DISK_BYTES, () => Date.now()),
    memoryShardCache(MOST_MEMORY_BYTES),
    log,
  );
  return {
    host: 'browser',
    name,
    token,
    clock,
    control: createSocketControl({ origin, clock, log }),
    links: createSimplePeerLinks({ clock }),
    fetch: createFetchPort({ origin, cache, clock }),
    engine: superviseEngine({
      clock,
      log,
      spawn,
      candidates: candidates(),
      cores,
      workers,
      throttle,
      backend,
    }),
    log,
  };
}

/** What pages can compute with, from the most wanted down. */
function candidates(): Candidate[] {
  const noWebgpu = isSecureContext ? 'is not in this browser' : 'needs https';
  const noWebgl = 'does not work in workers of this browser';
  return [
    { backend: 'webgpu', missing: 'gpu' in navigator ? undefined : noWebgpu },
    { backend: 'webgl', missing: 'OffscreenCanvas' in globalThis ? undefined : noWebgl },
    ...['murmur', 'wasm', 'cpu'].map((backend) => ({ backend })),
  ];
}

function startWorker(): HostThread {
  const worker = new Worker(new URL('./engineWorker.ts', import.meta.url), { type: 'module' });
  return {
    endpoint: worker,
    onCrash: (call) =>
      worker.addEventListener('error', ({ message }) =>
        call(`The training worker stopped (${message || 'it could not be loaded'})`),
      ),
    terminate: () => worker.terminate(),
  };
}
