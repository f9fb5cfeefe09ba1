import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncoderSpec } from '@murmur/core/models/modelSpec';
import { drawParams, encoderSchema, schemaOf } from '@murmur/core/models/parameters';
import { fold, key } from '@murmur/core/random/key';
import { schemaSize } from '@murmur/core/tensor/params';
import { readSnapshot } from '@murmur/core/version/snapshot';
import { openDataset, type Dataset } from '../ingest/dataset.ts';
import { snapshotBlob } from '../run/versionKeeper.ts';
import { sqliteRunStore } from '../store/sqliteRunStore.ts';
import { Failure } from './failure.ts';
import { oneRun } from './findRuns.ts';
import { specFor } from './specFor.ts';
import type { ServeOptions } from './resolveOptions.ts';
import { readSettings, runFiles } from './runDir.ts';

/** An encoder to evaluate, with the one that it began as. */
export interface OpenVersion {
  /** Of the version, or the path that was given. */
  readonly name: string;
  readonly spec: EncoderSpec;
  /** Of the encoder alone, in the order of its schema. */
  readonly params: Float32Array;
  readonly untrained: Float32Array;
  /** The run that it is of, if any. */
  readonly run?: { readonly dataset: Dataset; readonly settings: ServeOptions };
}

export interface VersionRequest {
  /** A version or the beginning of its name, `latest` or `untrained`. */
  readonly version: string;
  readonly runDir: string | undefined;
  readonly cwd: string;
}

/** Opens a version of a run, which may be stopped or live; changes nothing. Throws a sentence. */
export async function openVersion({ version, runDir, cwd }: VersionRequest): Promise<OpenVersion> {
  const dir = await oneRun(runDir, cwd);
  const settings = await readSettings(dir);
  const dataset = await openDataset(runFiles.data(dir));
  const spec = specFor(settings, dataset.manifest);
  const schema = schemaOf(spec);
  // The encoder is what every schema begins with.
  const encoderOf = (params: Float32Array) => params.slice(0, schemaSize(encoderSchema(spec.config)));
  const untrained = encoderOf(drawParams(schema, fold(key(settings.seed), 'parameters')));
  const opened = { spec, untrained, run: { dataset, settings } };
  if (version === 'untrained') return { ...opened, name: version, params: untrained };
  const name = await nameOf(dir, version);
  const snapshot = readSnapshot(schema, await snapshotBytes(dir, name), name);
  if (snapshot.kind === 'failed') throw new Failure(snapshot.sentence);
  return { ...opened, name, params: encoderOf(snapshot.params) };
}

async function nameOf(dir: string, asked: string): Promise<string> {
  if (asked === 'latest') return latestOf(dir);
  const ending = snapshotBlob('');
  const files = await readdir(runFiles.versions(dir)).catch(() => []);
  const kept = files.filter((file) => /^[0-9a-f]/.test(file) && file.endsWith(ending));
  const found = kept.map((file) => file.slice(0, -ending.length)).filter((name) => name.startsWith(asked));
  const [first, ...others] = found.sort();
  if (first !== undefined && others.length === 0) return first;
  const shown = (names: readonly string[]) => names.map((name) => name.slice(0, 12)).join(', ');
  if (first !== undefined)
    throw new Failure(
      `${found.length} versions of ${dir} begin with "${asked}" (${shown(found)}): give more letters.`,
    );
  throw new Failure(
    `${dir} keeps no version "${asked}": it keeps ${kept.length === 0 ? 'none yet' : shown(kept)}. ` +
      'The scored and the newest versions are kept; "latest" is the newest.',
  );
}

async function latestOf(dir: string): Promise<string> {
  const store = await sqliteRunStore(runFiles.store(dir));
  const stored = await store.load().finally(() => store.close());
  if (stored) return stored.head.version;
  throw new Failure(`${dir} holds no run yet: start it first.`);
}

/** Read as a file: a store over the folder would clear away what a live run is writing there. */
const snapshotBytes = (dir: string, name: string): Promise<Uint8Array> =>
  readFile(join(runFiles.versions(dir), snapshotBlob(name))).catch((cause: unknown) => {
    throw new Failure(
      `Version ${name.slice(0, 12)} is missing from ${runFiles.versions(dir)}: a run that goes on keeps only the scored ` +
        'and the newest versions. Choose another.',
      undefined,
      { cause },
    );
  });
