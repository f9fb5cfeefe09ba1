import { access, constants, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { filesMatching, isPattern } from '../ingest/pathPattern.ts';
import { formatBytes } from '../observe/progressLine.ts';
import { lanAddresses } from './addresses.ts';
import { exists } from './runDir.ts';

export interface Finding {
  readonly ok: boolean;
  readonly sentence: string;
}

export interface DoctorRequest {
  readonly data: string;
  readonly port: number;
  readonly cwd: string;
  readonly clientDir: string;
  readonly nodeVersion: string;
}

const LEAST_FREE_BYTES = 2e9;

/** What a coordinator needs of this machine, each with what to do where it is missing. */
export async function examine(request: DoctorRequest): Promise<Finding[]> {
  return [
    nodeFinding(request.nodeVersion),
    await portFinding(request.port),
    await diskFinding(request.cwd),
    await dataFinding(request.data, request.cwd),
    await pagesFinding(request.clientDir),
    lanFinding(lanAddresses(networkInterfaces())),
  ];
}

export const findingLine = ({ ok, sentence }: Finding): string => `${ok ? 'ok  ' : 'FIX '} ${sentence}`;

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { ok, sentence: ok ? `Node ${version}.` : `Node ${version} is too old: install 20.19 or newer.` };
}

export function lanFinding(addresses: readonly string[]): Finding {
  const ok = addresses.length > 0;
  const sentence = ok
    ? `Others reach this machine at ${addresses.join(', ')}.`
    : 'This machine is in no network: join the Wi-Fi that the volunteers use.';
  return { ok, sentence };
}

async function portFinding(port: number): Promise<Finding> {
  const free = await new Promise<boolean>((resolvePort) => {
    const server = createServer();
    server.once('error', () => resolvePort(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolvePort(true)));
  });
  const sentence = free
    ? `Port ${port} is free.`
    : `Port ${port} is taken: stop what uses it (another murmur?), or start with another --port.`;
  return { ok: free, sentence };
}

async function diskFinding(cwd: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(cwd);
  const free = bavail * bsize;
  const ok = free >= LEAST_FREE_BYTES;
  const advice = ok ? '' : ': free some, at least 2 GB and twice the size of the data';
  return { ok, sentence: `${formatBytes(free)} of disk are free${advice}.` };
}

async function dataFinding(data: string, cwd: string): Promise<Finding> {
  if (data === 'glyphs') return { ok: true, sentence: 'The built-in data set glyphs needs nothing.' };
  const path = resolve(cwd, data);
  const files = isPattern(data) ? filesMatching(path) : Promise.resolve([path]);
  const readable = await files
    .then((paths) => Promise.all(paths.map((each) => access(each, constants.R_OK))))
    .then(
      () => true,
      () => false,
    );
  const sentence = readable
    ? `${path} can be read.`
    : `${path} cannot be read: check the spelling and its permissions.`;
  return { ok: readable, sentence };
}

async function pagesFinding(clientDir: string): Promise<Finding> {
  const ok = await exists(join(clientDir, 'index.html'));
  const sentence = ok ? 'The pages are built.' : 'The pages are not built yet: "npm start" builds them.';
  return { ok, sentence };
}
