import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = '.ingest-';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // alive, but another user's
  }
}

async function removeLeftovers(outDir: string): Promise<void> {
  for (const name of await readdir(outDir)) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (name.startsWith(PREFIX) && !isRunning(pid))
      await rm(join(outDir, name), { recursive: true, force: true });
  }
}

/** Gives `work` a folder of its own below `outDir` and removes it afterwards, with those of processes that were killed. */
export async function withWorkFolder<T>(outDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(outDir, { recursive: true });
  await removeLeftovers(outDir);
  const folder = await mkdtemp(join(outDir, `${PREFIX}${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
