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
import { InputError } from './inputError.ts';
import { recordLabel, recordPixels } from './spool.ts';
import { writeShards } from './writeShards.ts';
import type { Example } from './writeShards.ts';

/** Where and how the sets are written. */
export interface WriteTarget {
  readonly outDir: string;
  /** Holds the evaluation set until it is published. */
  readonly work: string;
  readonly seed: number;
  readonly shape: PictureShape;
  readonly classes: readonly string[];
  /** Whether the labels of the training pictures go into the shards (SH3). */
  readonly withLabels: boolean;
  readonly shardBytes: number;
  readonly onPicture: () => void;
}

export interface WrittenSets extends ChannelStatistics {
  readonly shards: ShardEntry[];
  /** Whether the evaluation set has labels. */
  readonly labelled: boolean;
}

/** What of a record goes into a shard: without `withLabels` its label is not even looked at. */
function exampleOf(record: Uint8Array, withLabels: boolean): Example {
  const pixels = recordPixels(record);
  if (!withLabels) return { pixels };
  const label = recordLabel(record);
  if (label !== undefined) return { pixels, label };
  throw new InputError(
    'A training picture has no label, and a supervised run needs one for each: label it or take it away, or choose another objective.',
  );
}

async function* restOf(
  records: AsyncIterator<Uint8Array>,
  statistics: PixelStatistics,
  withLabels: boolean,
): AsyncGenerator<Example> {
  for (let next = await records.next(); next.done !== true; next = await records.next()) {
    const example = exampleOf(next.value, withLabels);
    statistics.add(example.pixels);
    yield example;
  }
}

/** Shuffles, sets the evaluation pictures aside in the work folder and writes the rest as shards. */
export async function writeSets(plan: SplitPlan, target: WriteTarget): Promise<WrittenSets> {
  const { outDir, work, seed, classes, withLabels, shardBytes, onPicture } = target;
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
    withLabels,
    shardBytes,
    onPicture,
  };
  const shards = await writeShards(restOf(training, statistics, withLabels), shardPlan);
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
