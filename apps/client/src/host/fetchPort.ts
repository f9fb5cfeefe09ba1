import type { Clock, FetchPort } from '@murmur/core/volunteer/ports';
import type { ShardCache } from './shardCache.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
/** Without a byte for so long an attempt is given up. */
const STALL_MS = 15_000;
const MOST_BYTES = 1024 * 1024 * 1024;

export interface FetchOptions {
  readonly origin: string;
  readonly cache: ShardCache;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
}

/** Immutable content of the coordinator by HTTP, shards from the cache where they are there. Errors are sentences. */
export function createFetchPort({ origin, cache, clock, fetch: get = fetch }: FetchOptions): FetchPort {
  const download = (path: string, what: string) =>
    withRetries(clock, (signal, alive) => attempt(get, `${origin}${path}`, what, signal, alive));
  return {
    snapshot: (version) => download(`/versions/${version}.safetensors`, `version ${version.slice(0, 12)}`),
    async shard(hash) {
      const kept = await cache.get(hash);
      if (kept) return kept;
      const file = await download(`/shards/${hash}`, `shard ${hash.slice(0, 12)}`);
      await cache.put(hash, file);
      return file;
    },
    forgetShard: (hash) => cache.remove(hash),
  };
}

/** A failure that the next attempt would meet again. */
class Hopeless extends Error {}

async function withRetries<T>(
  clock: Clock,
  attemptOnce: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await watched(clock, attemptOnce);
    } catch (cause) {
      if (cause instanceof Hopeless || tried === ATTEMPTS) throw cause;
    }
    await new Promise<void>((resolve) => clock.after(FIRST_PAUSE_MS * 2 ** (tried - 1), resolve));
  }
}

/** Aborts an attempt that has not called `alive` for a while. */
async function watched<T>(
  clock: Clock,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let cancel: () => void = () => undefined;
  const alive = () => {
    cancel();
    cancel = clock.after(STALL_MS, () =>
      controller.abort(new Error(`nothing arrived for ${STALL_MS / 1000} s`)),
    );
  };
  alive();
  try {
    return await work(controller.signal, alive);
  } finally {
    cancel();
  }
}

async function attempt(
  get: typeof fetch,
  url: string,
  what: string,
  signal: AbortSignal,
  alive: () => void,
): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await get(url, { signal });
    if (response.ok) return await readAll(response, alive);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Fetching ${what} from the coordinator failed (${why}). Is it running, and on the same network?`,
    );
  }
  const sentence = `The coordinator does not give out ${what} (status ${response.status}).`;
  throw response.status >= 500 || response.status === 429 ? new Error(sentence) : new Hopeless(sentence);
}

async function readAll(response: Response, alive: () => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    alive();
    pieces.push(next.value);
    total += next.value.byteLength;
    if (total > MOST_BYTES) {
      await reader?.cancel();
      throw new Error(`more than ${MOST_BYTES} bytes`);
    }
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
