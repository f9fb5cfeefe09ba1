import { readSnapshot } from '@murmur/core/version/snapshot';
import { schemaOf } from '@murmur/core/models/parameters';
import { openDataset } from '../ingest/dataset.ts';
import { fileBlobStore } from '../store/fileBlobStore.ts';
import { sqliteRunStore } from '../store/sqliteRunStore.ts';
import { snapshotBlob } from '../run/versionKeeper.ts';
import { Failure } from './failure.ts';
import { readSettings, runFiles } from './runDir.ts';
import { exportRunModel } from './runParts.ts';
import { specFor } from './specFor.ts';

/** Exports the newest version of a run, which may be stopped or live. Resolves to the folder written. */
export async function exportStored(dir: string, outDir: string): Promise<string> {
  const store = await sqliteRunStore(runFiles.store(dir));
  const stored = await store.load().finally(() => store.close());
  if (!stored) throw new Failure(`${dir} holds no run yet: start it first.`);
  const { head, scores } = stored;
  const dataset = await openDataset(runFiles.data(dir));
  const spec = specFor(await readSettings(dir), dataset.manifest);
  const versions = await fileBlobStore(runFiles.versions(dir));
  const bytes = await versions.get(snapshotBlob(head.version));
  if (!bytes) throw new Failure(`The newest version of ${dir} is missing: start the run again, then export.`);
  const snapshot = readSnapshot(schemaOf(spec), bytes, head.version);
  if (snapshot.kind === 'failed') throw new Failure(snapshot.sentence);
  const facts = {
    params: snapshot.params,
    version: head.version,
    round: head.round,
    samplesDone: head.samplesDone,
    score: scores.findLast((score) => score.version === head.version),
  };
  return exportRunModel({ run: head.run, spec, dataset, outDir, facts });
}
