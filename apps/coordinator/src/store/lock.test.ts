import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLocked, lockRunDir } from './lock.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-lock-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('lock of a run folder', () => {
  it('is held once, says by whom, and is free again after its release', async () => {
    const lock = await lockRunDir(dir);
    expect(await isLocked(dir)).toBe(true);
    await expect(lockRunDir(dir)).rejects.toThrow(
      new RegExp(`in use by another murmur \\(process ${process.pid}\\).*--run-dir`),
    );
    lock.release();
    expect(await isLocked(dir)).toBe(false);
    (await lockRunDir(dir)).release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes over the lock of a process that is gone', async () => {
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: await deadPid() }));
    expect(await isLocked(dir)).toBe(false);
    (await lockRunDir(dir)).release();
  });

  it('takes over a lock whose process id now belongs to a process started at another time', async () => {
    if (process.platform !== 'linux') return console.warn('skipped: start times are read on Linux only');
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: process.pid, started: '1' }));
    (await lockRunDir(dir)).release();
  });

  it('takes over a file that is no lock', async () => {
    await writeFile(join(dir, 'lock'), 'half a lo');
    (await lockRunDir(dir)).release();
  });

  it('leaves the lock of its successor alone when it is released late', async () => {
    const first = await lockRunDir(dir);
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: process.ppid }));
    first.release();
    expect(await isLocked(dir)).toBe(true);
  });
});
