import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import { browserDevice } from './deviceName.ts';
import { createFetchPort } from './fetchPort.ts';
import { hostClock } from './hostClock.ts';
import { indexedDbShardCache } from './indexedDbShardCache.ts';
import { memoryShardCache, withFallback } from './shardCache.ts';
import { createSimplePeerLinks } from './simplePeerLinks.ts';
import { createSocketControl } from './socketControl.ts';
import { sentenceOfCrash, workerEngine, type EngineThread } from './workerEngine.ts';

const MOST_DISK_BYTES = 512 * 1024 * 1024;
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;

export interface BrowserOptions {
  readonly origin: string;
  readonly name: string;
  readonly token?: string;
  /** Where sentences go; the console when left out. */
  readonly log?: (sentence: string) => void;
}

/** What a volunteer needs, made of a page: worker, socket, WebRTC, IndexedDB. Works on plain http. */
export async function browserPorts(options: BrowserOptions): Promise<VolunteerPorts> {
  const { origin, name, token, log = (sentence) => console.info(`murmur: ${sentence}`) } = options;
  const clock = hostClock;
  const thread = startWorker();
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
    engine: workerEngine(thread, browserDevice(navigator.userAgent, navigator.hardwareConcurrency)),
    engineLost: sentenceOfCrash(thread),
    log,
  };
}

function startWorker(): EngineThread {
  const worker = new Worker(new URL('./engineWorker.ts', import.meta.url), { type: 'module' });
  const crashed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) =>
      reject(
        new Error(
          `The training worker stopped (${event.message || 'it could not be loaded'}). Reload the page.`,
        ),
      ),
    );
  });
  return { endpoint: worker, crashed, terminate: () => worker.terminate() };
}
