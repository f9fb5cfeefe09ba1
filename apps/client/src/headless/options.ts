import { availableParallelism, hostname, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NODE_BACKENDS } from './backends.ts';
import { joinToken } from '../volunteer/joinAddress.ts';

export const USAGE = `Usage: murmur join URL [options]

Trains with this machine for the run at URL, without a browser, until the run has reached its target.

  --name TEXT    how the others see this machine (default: its host name)
  --token TEXT   join token, where URL does not hold it (#join=…)
  --cache DIR    folder for the data that are fetched (default: the cache folder of this user)
  --workers N    cores to train on (default: 1)
  --throttle P   percent of the time to compute, 10 to 100 (default: 100)
  --backend NAME what to compute with: ${NODE_BACKENDS.join(', ')} (default: the first that computes the right gradients)
  --quiet        print problems only
  --json         print one JSON object a line
  --help         print this

Exit codes: 0 the run is finished, 1 it failed, 2 the command cannot be meant, 130 interrupted.`;

export interface HeadlessOptions {
  readonly origin: string;
  readonly name: string;
  readonly token: string | undefined;
  readonly cacheFolder: string;
  readonly workers: number;
  /** 0.1 to 1. */
  readonly throttle: number;
  readonly backend: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: HeadlessOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly sentence: string };

const usage = (sentence: string): ParsedOptions => ({ kind: 'usage', sentence });

/** Reads the command line; what it cannot mean is a sentence. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = readFlags(args);
  if (typeof parsed === 'string') return usage(parsed);
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const [address, ...others] = positionals;
  if (address === undefined) return usage('Expected the join address, such as http://192.168.1.5:7600/.');
  if (others.length > 0) return usage(`Expected one join address, received ${positionals.length}.`);
  const url = readUrl(address);
  if (!url)
    return usage(
      `"${address}" is not an address that can be joined: expected one like http://192.168.1.5:7600/.`,
    );
  const name = (values.name ?? hostname()).trim().slice(0, 60);
  if (name === '') return usage('--name must not be empty.');
  const token = values.token ?? joinToken(url);
  const cacheFolder = values.cache ?? defaultCacheFolder(environment);
  const grant = readGrant(values);
  if (typeof grant === 'string') return usage(grant);
  const { quiet = false, json = false } = values;
  return {
    kind: 'options',
    options: { origin: url.origin, name, token, cacheFolder, ...grant, quiet, json },
  };
}

interface GrantFlags {
  readonly workers?: string | undefined;
  readonly throttle?: string | undefined;
  readonly backend?: string | undefined;
}

/** What of this machine is given, or a sentence. */
function readGrant({ workers = '1', throttle = '100', backend }: GrantFlags) {
  const cores = availableParallelism();
  const count = wholeNumber(workers);
  if (!(count >= 1 && count <= cores))
    return `--workers ${workers}: expected a whole number from 1 to ${cores}, the cores of this machine.`;
  const percent = wholeNumber(throttle.replace(/%$/, ''));
  if (!(percent >= 10 && percent <= 100))
    return `--throttle ${throttle}: expected a whole number of percent from 10 to 100.`;
  if (backend !== undefined && !NODE_BACKENDS.includes(backend))
    return `--backend ${backend}: expected one of ${NODE_BACKENDS.join(', ')}.`;
  return { workers: count, throttle: percent / 100, backend };
}

const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : NaN);

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        token: { type: 'string' },
        cache: { type: 'string' },
        workers: { type: 'string' },
        throttle: { type: 'string' },
        backend: { type: 'string' },
        quiet: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (cause) {
    // What follows the first sentence speaks of arguments that begin with a dash, which no address does.
    return cause instanceof Error ? cause.message.replace(/\. .*$/s, '.') : String(cause);
  }
}

/** `localhost:7600` and `192.168.1.5:7600` are meant as http. */
function readUrl(address: string): URL | undefined {
  const text = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function defaultCacheFolder(environment: NodeJS.ProcessEnv): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = environment;
  if (platform() === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'murmur', 'shards');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'murmur', 'shards');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'murmur', 'shards');
}
