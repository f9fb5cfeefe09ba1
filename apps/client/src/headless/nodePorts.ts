import { availableParallelism, platform } from 'node:os';
import { Worker } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import { superviseEngine } from '@murmur/core/volunteer/supervisor/superviseEngine';
import { coreWords } from '../host/deviceName.ts';
import { createFetchPort } from '../host/fetchPort.ts';
import { hostClock } from '../host/hostClock.ts';
import { memoryShardCache, withFallback } from '../host/shardCache.ts';
import { remoteWorker, type HostThread } from '../host/remoteWorker.ts';
import { createSocketControl, type SocketControl } from '../host/socketControl.ts';
import { NODE_BACKENDS } from './backends.ts';
import { diskShardCache } from './diskShardCache.ts';
import { nodeLinks } from './nodeLinks.ts';

const MOST_DISK_BYTES = 2 * 1024 * 1024 * 1024;
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;

export interface NodeOptions {
  readonly origin: string;
  readonly name: string;
  readonly token: string | undefined;
  /** Folder for shards. */
  readonly cacheFolder: string;
  /** Training threads. */
  readonly workers: number;
  /** The share of the time that threads compute, 0.1 to 1. */
  readonly throttle: number;
  /** The backend to train with; the fastest that is correct when undefined. */
  readonly backend: string | undefined;
  readonly log: (sentence: string) => void;
}

/** What a volunteer needs, made of a Node process: worker thread, socket, WebRTC by @roamhq/wrtc, a folder. */
export function nodePorts(options: NodeOptions): VolunteerPorts & { readonly control: SocketControl } {
  const { origin, name, token, cacheFolder, workers, throttle, backend, log } = options;
  const clock = hostClock;
  const cores = availableParallelism();
  const spawn = () => remoteWorker(startThread(), nodeDevice(cores));
  const candidates = NODE_BACKENDS.map((name) => ({ backend: name }));
  const disk = diskShardCache(cacheFolder, MOST_DISK_BYTES);
  const cache = withFallback(disk, memoryShardCache(MOST_MEMORY_BYTES), log);
  return {
    host: 'headless',
    name,
    token,
    clock,
    control: createSocketControl({ origin, clock, log }),
    links: nodeLinks(),
    fetch: createFetchPort({ origin, cache, clock }),
    engine: superviseEngine({ clock, log, spawn, candidates, cores, workers, throttle, backend }),
    log,
  };
}

const nodeDevice = (cores: number): string =>
  `Node ${process.versions.node} on ${platform()}${coreWords(cores)}`;

function startThread(): HostThread {
  const worker = new Worker(new URL('./engine.worker.mjs', import.meta.url));
  return {
    endpoint: nodeEndpoint(worker),
    onCrash(call) {
      worker.on('error', (error) => call(`The training thread stopped (${error.message})`));
      worker.on('exit', (code) => call(`The training thread ended with status ${code}`));
    },
    terminate: () => void worker.terminate(),
  };
}
