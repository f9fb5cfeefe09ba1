import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';
import type { Host } from './namespaces.ts';

/** A round as the coordinator prints it. */
export interface PrintedRound {
  readonly round: number;
  readonly version: string;
  readonly volunteers: number;
  /** Why it changed nothing; null of one that was committed. */
  readonly reason?: string | null;
  readonly meshBytes: number;
  readonly relayBytes: number;
}

export interface RealRun {
  /** The first committed round with all volunteers, from the third on, that fits. Rejects when the coordinator ends before. */
  round(fits: (round: PrintedRound) => boolean): Promise<PrintedRound>;
  /** All rounds so far. */
  all(): PrintedRound[];
  /** Resolves once every volunteer holds this version. */
  held(version: string): Promise<void>;
  /** Links that volunteers said did not open or broke. */
  sentences(): string[];
  stop(): Promise<void>;
}

/** Small enough that three volunteers and the coordinator share two cores. */
const SMALL = ['--patch', '8', '--batch-size', '4', '--inner-steps', '2'];
const QUIET = ['--score-every', '0', '--volunteers', '0', '--rounds', '500'];
const PICTURES = 400;
const SIDE = 16;

/** Grey pictures without labels in the IDX format: a start takes no time, and nothing is scored. */
async function writePictures(dir: string): Promise<string> {
  const path = join(dir, 'images-idx3-ubyte');
  const bytes = Buffer.alloc(16 + PICTURES * SIDE * SIDE, 0).map((_, i) => (i * 2_654_435_761) >>> 24);
  [0x803, PICTURES, SIDE, SIDE].forEach((word, i) => Buffer.from(bytes.buffer).writeUInt32BE(word, 4 * i));
  await writeFile(path, bytes);
  return path;
}

/** A real coordinator on the hub and a real headless volunteer on each host; the run begins when all are there. */
export async function startRun(hub: Host, hosts: readonly Host[], dir: string): Promise<RealRun> {
  const count = ['--min-volunteers', String(hosts.length), '--data', await writePictures(dir)];
  const coordinator = startJson(
    'apps/coordinator/src/main.ts',
    ['serve', ...SMALL, ...QUIET, ...count, '--port', '0', '--run-dir', join(dir, 'run'), '--json'],
    { within: hub.within },
  );
  const processes: JsonProcess[] = [coordinator];
  const ready = await coordinator.until(({ event }) => event === 'ready');
  const url = `http://${hub.address}:${String(ready['port'])}/`;
  const volunteers = hosts.map((host, i) => {
    const args = [url, '--name', `volunteer ${i + 1}`, '--cache', join(dir, 'cache'), '--json'];
    return startJson('apps/client/src/headless/main.ts', args, { within: host.within });
  });
  processes.push(...volunteers);
  const all = () => coordinator.events.filter(({ event }) => event === 'round') as unknown as PrintedRound[];
  const isFull = ({ round, volunteers: there, reason }: PrintedRound) =>
    round >= 3 && there === hosts.length && !reason;
  return {
    all,
    round: (fits) =>
      coordinator.until((e) => {
        const round = e as unknown as PrintedRound;
        return e.event === 'round' && isFull(round) && fits(round);
      }) as unknown as Promise<PrintedRound>,
    async held(version) {
      await Promise.all(
        volunteers.map((v) => v.until((e) => e.event === 'version' && e['version'] === version)),
      );
    },
    sentences: () =>
      volunteers.flatMap((v) => v.events.flatMap((e) => (e.event === 'log' ? [String(e['sentence'])] : []))),
    async stop() {
      await Promise.all(processes.map((process) => process.kill('SIGKILL')));
    },
  };
}
