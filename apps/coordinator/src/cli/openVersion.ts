import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { schemaOf } from '@murmur/core/models/parameters';
import { readSnapshot } from '@murmur/core/version/snapshot';
import { snapshotBlob } from '../run/versionKeeper.ts';
import { sqliteRunStore } from '../store/sqliteRunStore.ts';
import { Failure } from './failure.ts';
import { oneRun } from './findRuns.ts';
import { openModel, type OpenVersion } from './openModel.ts';
import { openVersionFile } from './openVersionFile.ts';
import { exists, runFiles } from './runDir.ts';

export interface VersionRequest {
  /** A version or the beginning of its name, `latest`, `untrained`, or the path of a file or an exported folder. */
  readonly version: string;
  readonly runDir: string | undefined;
  readonly cwd: string;
  /** Of the untrained encoder that an exported one is compared with. */
  readonly seed: number;
}

/** What names a version of a run; anything else is a path. */
const IN_A_RUN = /^(latest|untrained|[0-9a-f]{1,64})$/;

/** Opens a version of a run, which may be stopped or live, or a file; changes nothing. Throws a sentence. */
export async function openVersion({ version, runDir, cwd, seed }: VersionRequest): Promise<OpenVersion> {
  if (!IN_A_RUN.test(version)) {
    const path = resolve(cwd, version);
    if (!(await exists(path))) {
      throw new Failure(
        `${path} does not exist, and "${version}" names no version of a run: those are latest, untrained, and names of ` +
          'digits and the letters a to f.',
      );
    }
    const dir = runDir === undefined ? undefined : await oneRun(runDir, cwd);
    return openVersionFile({ path, runDir: dir, seed });
  }
  const dir = await oneRun(runDir, cwd);
  const model = await openModel(dir);
  if (version === 'untrained') return { ...model, name: version, params: model.untrained };
  const name = version === 'latest' ? await latestOf(dir) : await nameOf(dir, version);
  const snapshot = readSnapshot(schemaOf(model.spec), await snapshotBytes(dir, name), name);
  if (snapshot.kind === 'failed') throw new Failure(snapshot.sentence);
  return { ...model, name, params: model.encoderOf(snapshot.params) };
}

/** The one version on disk whose name begins like this. */
async function nameOf(dir: string, asked: string): Promise<string> {
  const files = await readdir(runFiles.versions(dir)).catch(() => []);
  const kept = files.flatMap((file) => /^([0-9a-f]{64})\.safetensors$/.exec(file)?.[1] ?? []).sort();
  const found = kept.filter((name) => name.startsWith(asked));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  const shown = (names: readonly string[]) => names.map((name) => name.slice(0, 12)).join(', ');
  if (first !== undefined) {
    throw new Failure(
      `${found.length} versions of ${dir} begin with "${asked}" (${shown(found)}): give more letters.`,
    );
  }
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
    const sentence =
      `Version ${name.slice(0, 12)} is missing from ${runFiles.versions(dir)}: a run that goes on keeps only the ` +
      'scored and the newest versions. Choose another.';
    throw new Failure(sentence, undefined, { cause });
  });
