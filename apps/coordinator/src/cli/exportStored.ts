import type { BlobStore } from '../store/blobStore.ts';
import type { RunStore } from '../store/runStore.ts';
import { Failure } from './failure.ts';
import { runFiles } from './runDir.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Exports the newest version of a run that may be stopped. Resolves to the folder written. */
export async function exportStored(
  dir: string,
  outDir: string,
  open: { openStore(path: string): Promise<RunStore>; openVersions(dir: string): Promise<BlobStore> },
): Promise<string> {
  const store = await open.openStore(runFiles.store(dir));
  const stored = await store.load().finally(() => store.close());
  if (!stored) throw new Failure(`${dir} holds no run yet: start it first.`);
  const versions = await open.openVersions(runFiles.versions(dir));
  const bytes = await versions.get(`${stored.head.version}.safetensors`);
  if (!bytes) throw new Failure(`The newest version of ${dir} is missing: start the run again, then export.`);
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'model.safetensors'), bytes);
  return outDir;
}
