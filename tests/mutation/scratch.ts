import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls `undo` when `work` is through, or when the process exits before that. */
export async function undoing<T>(undo: () => void, work: () => Promise<T>): Promise<T> {
  process.once('exit', undo);
  try {
    return await work();
  } finally {
    process.removeListener('exit', undo);
    undo();
  }
}

/** Gives `work` a folder of its own, and removes it. */
export function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-mutation-'));
  return undoing(
    () => rmSync(folder, { recursive: true, force: true }),
    () => work(folder),
  );
}
