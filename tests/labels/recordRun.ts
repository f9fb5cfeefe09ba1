import { datasetManifest, type DatasetManifest } from '@murmur/core/data/manifest';
import { runStatus } from '@murmur/core/protocol/run';
import { z } from 'zod';
import { operate } from '../support/operator.ts';
import { joinInProcess } from './inProcessVolunteer.ts';
import { OPERATOR_TOKEN, serveRun, type RunSource } from './servedRun.ts';
import { tapSockets, type SocketTap } from './socketTap.ts';
import { withAliases, type Aliases, type Transcript } from './transcript.ts';

export interface RecordedRun {
  /** All that volunteers, operators and passers-by were sent. */
  readonly transcript: Transcript;
  readonly manifest: DatasetManifest;
}

/** Where a curious volunteer would look for labels; there is nothing at these addresses. */
const GUESSES = [
  '/manifest.json',
  '/ingest.json',
  '/evaluation/labels.bin',
  '/data/evaluation/evaluation.json',
  '/assets/..%2F..%2Frun%2Fdata%2Fevaluation%2Fevaluation.json',
];
const PAGES = ['/', '/operator', '/assets/main.js', '/api/run', '/api/rounds', '/api/health', '/qr.svg'];

const runAnswer = z.object({
  run: z.object({ run: z.string(), dataset: datasetManifest }),
  status: runStatus,
});
const roundsAnswer = z.object({ rounds: z.array(z.object({ version: z.string() })) });

/** A run to its end with one volunteer and one operator, and every byte that left the coordinator by HTTP or sockets. */
export async function recordRun(source: RunSource): Promise<RecordedRun> {
  const run = await serveRun(source);
  const kept = new Map<string, Uint8Array>();
  const [volunteers, operators] = [await tapSockets(run.port), await tapSockets(run.port)];
  const operator = operate(operators.url, OPERATOR_TOKEN);
  await operator.until(() => true);
  const content = `http://127.0.0.1:${run.port}`;
  const volunteer = joinInProcess({ socket: volunteers.url, content, fetch: keeping(kept, 'volunteer') });
  await run.done;
  await Promise.all([volunteers.until(hasEnded), operators.until(showsExport)]);
  const manifest = await fetchEverything(content, keeping(kept, 'anybody'));
  volunteer.leave();
  operator.close();
  await run.stop();
  for (const tap of [volunteers, operators]) tap.close();
  keepSockets(kept, 'volunteer', volunteers);
  keepSockets(kept, 'operator', operators);
  return { transcript: withAliases(kept, aliasesOf(kept, source.dir)), manifest };
}

/** The last word to a volunteer is the roster after the end. */
function hasEnded(sent: readonly string[]): boolean {
  const end = sent.findLastIndex((text) => text.includes('"status"') && text.includes('"phase":"finished"'));
  return end >= 0 && sent.slice(end).some((text) => text.includes('"roster"'));
}

const showsExport = (sent: readonly string[]): boolean =>
  sent.some((text) => text.includes('"exportPath":"'));

function keepSockets(kept: Map<string, Uint8Array>, who: string, { sent }: SocketTap): void {
  sent.forEach((piece, i) => kept.set(`${who}, socket, ${String(i).padStart(3, '0')}`, piece));
}

/** Fetches, and keeps status, headers and body of each answer. */
function keeping(kept: Map<string, Uint8Array>, who: string): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const body = new Uint8Array(await response.arrayBuffer());
    // Of the headers the date alone is of the moment.
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    const { pathname } = new URL(String(input));
    kept.set(`${who}, head of ${pathname}`, Buffer.from(JSON.stringify([response.status, headers])));
    kept.set(`${who}, ${pathname}`, body);
    return new Response(body, { status: response.status, headers });
  };
}

/** Every page, every shard, every version, and what might be guessed at. */
async function fetchEverything(origin: string, get: typeof fetch): Promise<DatasetManifest> {
  for (const path of [...PAGES, ...GUESSES]) await get(origin + path);
  const { run, status } = runAnswer.parse(await (await get(`${origin}/api/run`)).json());
  const { rounds } = roundsAnswer.parse(await (await get(`${origin}/api/rounds`)).json());
  for (const { hash } of run.dataset.shards) await get(`${origin}/shards/${hash}`);
  const versions = new Set([status.version, ...rounds.map(({ version }) => version)]);
  for (const version of versions) await get(`${origin}/versions/${version}.safetensors`);
  return run.dataset;
}

const RANDOM_NAMES = [
  // The coordinator draws the names of a run and of its volunteers, and socket.io those of its connections.
  [/"peer":"([a-z0-9]{10})","secret"/g, 'PEER'],
  [/"secret":"([a-z0-9]{32})"/g, 'SECRET'],
  [/"run":\{"run":"([a-z0-9]{12})"/g, 'RUN'],
  [/"sid":"([\w-]{20})"/g, 'SID'],
  // Answers the random key of the request (RFC 6455, §4.2.2).
  [/sec-websocket-accept: (\S+)/gi, 'ACCEPT'],
] as const;

/** What no port injects: found where it is told first. Nothing else differs between two runs. */
function aliasesOf(kept: ReadonlyMap<string, Uint8Array>, dir: string): Aliases {
  const texts = [...kept.values()].map((bytes) => Buffer.from(bytes).toString('latin1'));
  const found = RANDOM_NAMES.flatMap(([pattern, alias]) =>
    texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => [match[1] as string, alias] as const)),
  );
  return [...new Map<string, string>([[dir, 'DIR'], ...found])];
}
