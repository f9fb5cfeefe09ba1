import { availableParallelism, platform } from 'node:os';
import { Worker } from 'node:worker_threads';
import wrtc from '@roamhq/wrtc';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import { coreWords } from '../host/deviceName.ts';
import { createFetchPort } from '../host/fetchPort.ts';
import { hostClock } from '../host/hostClock.ts';
import { memoryShardCache, withFallback } from '../host/shardCache.ts';
import { createSimplePeerLinks } from '../host/simplePeerLinks.ts';
import { createSocketControl, type SocketControl } from '../host/socketControl.ts';
import { sentenceOfCrash, workerEngine, type EngineThread } from '../host/workerEngine.ts';
import { diskShardCache } from './diskShardCache.ts';

const MOST_DISK_BYTES = 2 * 1024 * 1024 * 1024;
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;

export interface NodeOptions {
  readonly origin: string;
  readonly name: string;
  readonly token: string | undefined;
  /** Folder for shards. */
  readonly cacheFolder: string;
  readonly log: (sentence: string) => void;
}

/** What a volunteer needs, made of a Node process: worker thread, socket, WebRTC by @roamhq/wrtc, a folder. */
export function nodePorts(options: NodeOptions): VolunteerPorts & { readonly control: SocketControl } {
  const { origin, name, token, cacheFolder, log } = options;
  const clock = hostClock;
  const thread = startThread();
  const disk = diskShardCache(cacheFolder, MOST_DISK_BYTES);
  const cache = withFallback(disk, memoryShardCache(MOST_MEMORY_BYTES), log);
  return {
    host: 'headless',
    name,
    token,
    clock,
    control: createSocketControl({ origin, clock, log }),
    links: createSimplePeerLinks({ clock, wrtc }),
    fetch: createFetchPort({ origin, cache, clock }),
    engine: workerEngine(thread, nodeDevice()),
    engineLost: sentenceOfCrash(thread),
    log,
  };
}

const nodeDevice = (): string =>
  `Node ${process.versions.node} on ${platform()}${coreWords(availableParallelism())}`;

function startThread(): EngineThread {
  const worker = new Worker(new URL('./engine.worker.mjs', import.meta.url));
  const crashed = new Promise<never>((_, reject) => {
    worker.on('error', (error) => reject(new Error(`The training thread stopped: ${error.message}`)));
    worker.on('exit', (code) => reject(new Error(`The training thread ended with status ${code}.`)));
  });
  return { endpoint: nodeEndpoint(worker), crashed, terminate: () => void worker.terminate() };
}
