import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILE = 'lock';

export interface RunLock {
  release(): void;
}

/**
 * Takes the run folder for this process by a file with its process id, so that two coordinators never write one
 * run. The lock of a process that is gone is taken over. Throws a sentence when a living one holds it.
 */
export async function lockRunDir(dir: string): Promise<RunLock> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, LOCK_FILE);
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await place(path, own)) return { release: () => release(path, own) };
    const holder = await readHolder(path);
    if (holder && isAlive(holder)) {
      throw new Error(
        `${dir} is in use by another murmur (process ${holder.pid}): stop that one, or give this one another --run-dir.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new Error(`${path} could not be taken: another murmur is starting there. Run the command again.`);
}

/** Whether a living process holds the lock of `dir`. */
export async function isLocked(dir: string): Promise<boolean> {
  const holder = await readHolder(join(dir, LOCK_FILE));
  return holder !== undefined && isAlive(holder);
}

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
}

/** Links a complete file into place, so that nobody ever reads half a lock; false when one is there. */
async function place(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function release(path: string, own: string): void {
  if (readText(path) === own) rmSync(path, { force: true });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const match = /^\{"pid":(\d+)(?:,"started":"(\d+)")?\}$/.exec(text);
  return match ? { pid: Number(match[1]), started: match[2] } : undefined;
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // Process ids are used again: another start time is another process.
  return holder.started === undefined || holder.started === startOf(holder.pid);
}

/** Start of a process in clock ticks since boot (proc(5), field 22), where the system tells. */
function startOf(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
