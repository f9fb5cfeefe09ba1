import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fold, key } from '@murmur/core/random/key';
import type { DatasetManifest, ShardEntry } from '@murmur/core/data/manifest';
import { writeAtomically } from './atomicFile.ts';
import { datasetFiles } from './dataset.ts';
import type { PictureShape } from './decodePicture.ts';
import { writeEvaluation } from './evaluationSet.ts';
import { externalShuffle } from './externalShuffle.ts';
import { PixelStatistics } from './pixelStatistics.ts';
import type { ChannelStatistics } from './pixelStatistics.ts';
import type { SplitPlan } from './planSplit.ts';
import { removeOtherShards } from './reuse.ts';
import { recordPixels } from './spool.ts';
import { writeShards } from './writeShards.ts';

/** Where and how the sets are written. */
export interface WriteTarget {
  readonly outDir: string;
  /** Holds the evaluation set until it is published. */
  readonly work: string;
  readonly seed: number;
  readonly shape: PictureShape;
  readonly classes: readonly string[];
  readonly shardBytes: number;
  readonly onPicture: () => void;
}

export interface WrittenSets extends ChannelStatistics {
  readonly shards: ShardEntry[];
  /** Whether the evaluation set has labels. */
  readonly labelled: boolean;
}

async function* restOf(
  records: AsyncIterator<Uint8Array>,
  statistics: PixelStatistics,
): AsyncGenerator<Uint8Array> {
  for (let next = await records.next(); next.done !== true; next = await records.next()) {
    const pixels = recordPixels(next.value);
    statistics.add(pixels);
    yield pixels;
  }
}

/** Shuffles, sets the evaluation pictures aside in the work folder and writes the rest as shards. */
export async function writeSets(plan: SplitPlan, target: WriteTarget): Promise<WrittenSets> {
  const { outDir, work, seed, classes, shardBytes, onPicture } = target;
  const { side, channels } = target.shape;
  const shuffleKey = fold(key(seed), 'ingest');
  const training = externalShuffle(plan.training, fold(shuffleKey, 'training'));
  const held = plan.evaluation === plan.training;
  const evaluation = held ? training : externalShuffle(plan.evaluation, fold(shuffleKey, 'evaluation'));
  const evaluationPlan = { folder: join(work, 'evaluation'), side, channels, classes, origin: plan.origin };
  const labelled = await writeEvaluation(evaluation, plan.evaluationCount, evaluationPlan);
  if (!held) await evaluation.return(undefined);
  const statistics = new PixelStatistics(channels);
  const shardPlan = {
    folder: datasetFiles.shards(outDir),
    total: plan.trainingCount,
    side,
    channels,
    shardBytes,
    onPicture,
  };
  const shards = await writeShards(restOf(training, statistics), shardPlan);
  return { labelled, shards, ...statistics.result() };
}

/** Puts the evaluation set in place and the manifest last: where there is a manifest, all that it names is whole. */
export async function publishDataset(
  { outDir, work }: WriteTarget,
  manifest: DatasetManifest,
): Promise<void> {
  await rm(datasetFiles.ingest(outDir), { force: true });
  await rm(datasetFiles.manifest(outDir), { force: true });
  await rm(datasetFiles.evaluation(outDir), { recursive: true, force: true });
  await rename(join(work, 'evaluation'), datasetFiles.evaluation(outDir));
  await writeAtomically(datasetFiles.manifest(outDir), JSON.stringify(manifest, null, 2));
  await removeOtherShards(outDir, manifest.shards);
}
