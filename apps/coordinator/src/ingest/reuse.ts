import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { shardEntry } from '@murmur/core/data/manifest';
import type { ShardEntry } from '@murmur/core/data/manifest';
import { datasetFiles, parseJson } from './dataset.ts';
import { ingestReport } from './ingestReport.ts';
import type { IngestReport } from './ingestReport.ts';

const ingestFile = z.object({ fingerprint: z.string(), report: ingestReport });
const HASH = shardEntry.shape.hash;

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined, // absent is the answer, not a failure
  );

async function allPresent(outDir: string, shards: readonly ShardEntry[]): Promise<boolean> {
  for (const { hash, bytes } of shards) {
    if ((await sizeOf(join(datasetFiles.shards(outDir), hash))) !== bytes) return false;
  }
  const needed = [datasetFiles.manifest(outDir), join(datasetFiles.evaluation(outDir), 'evaluation.json')];
  return (await Promise.all(needed.map(sizeOf))).every((size) => size !== undefined);
}

/** The report of an earlier ingest of the same files with the same options, when all that it wrote is still there. */
export async function earlierReport(outDir: string, fingerprint: string): Promise<IngestReport | undefined> {
  const text = await readFile(datasetFiles.ingest(outDir), 'utf8').catch(() => undefined); // absent at first
  const found = ingestFile.safeParse(text === undefined ? undefined : parseJson(text));
  if (!found.success || found.data.fingerprint !== fingerprint) return undefined;
  const { report } = found.data;
  return (await allPresent(outDir, report.manifest.shards)) ? { ...report, reused: true } : undefined;
}

/** Removes shards of earlier data sets, and nothing that is not named like a shard. */
export async function removeOtherShards(outDir: string, shards: readonly ShardEntry[]): Promise<void> {
  const kept = new Set(shards.map(({ hash }) => hash));
  for (const name of await readdir(datasetFiles.shards(outDir))) {
    if (HASH.safeParse(name).success && !kept.has(name)) await rm(join(datasetFiles.shards(outDir), name));
  }
}
