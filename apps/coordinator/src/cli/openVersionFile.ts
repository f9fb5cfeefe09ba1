import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readEncoder, type ReadEncoder } from '@murmur/core/export/readEncoder';
import { drawParams, encoderSchema, schemaOf } from '@murmur/core/models/parameters';
import { fold, key } from '@murmur/core/random/key';
import { readSnapshot } from '@murmur/core/version/snapshot';
import { Failure, sentenceOf } from './failure.ts';
import { openModel, type OpenVersion } from './openModel.ts';
import { exists, runFiles } from './runDir.ts';
import { systemSentence } from './systemSentence.ts';

export interface FileRequest {
  /** Absolute: an exported encoder's folder or its model.safetensors, or the safetensors file of a version. */
  readonly path: string;
  /** Of the run that a version is of; left out: the run in whose folder it lies. */
  readonly runDir: string | undefined;
  /** Of the untrained encoder that an exported one is compared with. */
  readonly seed: number;
}

/** Opens an encoder from a file or a folder. Throws a sentence. */
export async function openVersionFile({ path, runDir, seed }: FileRequest): Promise<OpenVersion> {
  const folder = await exportedFolder(path);
  if (folder !== undefined) return openExport(folder, seed);
  const dir = runDir ?? dirname(dirname(path));
  if (!(await exists(runFiles.store(dir)))) {
    throw new Failure(
      `${path} does not say of which model it is: give its run by --run-dir, or name the folder of an exported encoder.`,
    );
  }
  const model = await openModel(dir);
  const snapshot = readSnapshot(schemaOf(model.spec), await bytesOf(path));
  if (snapshot.kind === 'failed') throw new Failure(`${path}: ${snapshot.sentence}`);
  return { ...model, name: snapshot.name, params: model.encoderOf(snapshot.params) };
}

/** Where an exported encoder lies, if the path leads to one. */
async function exportedFolder(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw new Failure(systemSentence(error) ?? `${path} cannot be read: ${sentenceOf(error)}.`);
  });
  const near = found.isDirectory() ? [path, join(path, 'encoder')] : besides(path);
  for (const folder of near) if (await exists(join(folder, 'config.json'))) return folder;
  if (!found.isDirectory()) return undefined;
  throw new Failure(`${path} is no exported encoder (it has no config.json): name export/encoder of a run.`);
}

const besides = (file: string): string[] => (basename(file) === 'model.safetensors' ? [dirname(file)] : []);

async function openExport(folder: string, seed: number): Promise<OpenVersion> {
  const { spec, params } = await readExport(folder);
  const untrained = drawParams(encoderSchema(spec.config), fold(key(seed), 'parameters'));
  return { name: folder, spec, params, untrained };
}

const readExport = (folder: string): Promise<ReadEncoder> =>
  readEncoder((file) => bytesOf(join(folder, file))).catch((cause: unknown) => {
    if (cause instanceof Failure) throw cause;
    const why = sentenceOf(cause).replace(/^\w+: /, '');
    throw new Failure(`${folder} is no exported encoder of ours: ${why}`, undefined, { cause });
  });

const bytesOf = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((error: unknown) => {
    throw new Failure(systemSentence(error) ?? `${path} cannot be read: ${sentenceOf(error)}.`);
  });
