import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { datasetManifest } from '@murmur/core/data/manifest';
import type { DatasetManifest } from '@murmur/core/data/manifest';
import { readEvaluation } from './evaluationSet.ts';
import type { EvaluationSet } from './evaluationSet.ts';
import { InputError } from './inputError.ts';

/** What ingest left in a folder, for the coordinator. */
export interface Dataset {
  readonly manifest: DatasetManifest;
  /** Where the shard of this name lies; undefined for names that are not in the manifest. */
  shardPath(hash: string): string | undefined;
  /** Read anew at each call; undefined where no pictures were set aside. */
  evaluation(): Promise<EvaluationSet | undefined>;
}

export const datasetFiles = {
  manifest: (dir: string) => join(dir, 'manifest.json'),
  shards: (dir: string) => join(dir, 'shards'),
  evaluation: (dir: string) => join(dir, 'evaluation'),
  ingest: (dir: string) => join(dir, 'ingest.json'),
} as const;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false, // absent is the answer, not a failure
  );

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema accepts undefined, so the caller's check speaks of it
  }
}

/** Opens a data set that ingest has written. Throws InputError when there is none or it is damaged. */
export async function openDataset(dir: string): Promise<Dataset> {
  const path = datasetFiles.manifest(dir);
  if (!(await exists(path))) {
    throw new InputError(
      `${dir} holds no data set (no manifest.json): make one with "murmur shard <source> --out ${dir}".`,
    );
  }
  const parsed = datasetManifest.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success) {
    throw new InputError(
      `${path} is damaged (${z.prettifyError(parsed.error)}): delete ${dir} and make it anew.`,
    );
  }
  const manifest = parsed.data;
  const hashes = new Set(manifest.shards.map((shard) => shard.hash));
  const evaluationFolder = datasetFiles.evaluation(dir);
  return {
    manifest,
    shardPath: (hash) => (hashes.has(hash) ? join(datasetFiles.shards(dir), hash) : undefined),
    evaluation: async () => ((await exists(evaluationFolder)) ? readEvaluation(evaluationFolder) : undefined),
  };
}
