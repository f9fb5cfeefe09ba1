import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { huggingFaceFiles } from '@murmur/core/export/huggingFace';
import type { CardFacts } from '@murmur/core/export/modelCard';
import type { Parity } from '@murmur/core/export/parity';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import type { WasmPath } from '@murmur/core/tensor/backend';
import { writeAtomically } from '../ingest/atomicFile.ts';
import { createLearningThread } from './learningThread.ts';

export interface ExportRequest {
  readonly spec: ModelSpec;
  /** The version's parameters, in schema order. */
  readonly params: Float32Array;
  /** Pictures of the evaluation set, uint8 [count, side, side, C]; two different ones are used for parity.json. */
  readonly pictures: Uint8Array;
  /** Gets the folder encoder/ and, of a masked autoencoder, mae/; what is there under these names is replaced. */
  readonly outDir: string;
  readonly card: CardFacts;
  readonly wasmPath?: WasmPath;
}

const PARITY_SEED = 1;

/** Writes the Hugging Face folders, each whole or not at all. Resolves to the absolute path of `outDir`. */
export async function exportModel(request: ExportRequest): Promise<string> {
  const { spec, params, card } = request;
  const files = huggingFaceFiles({ spec, params, card, parity: await computeParity(request) });
  const outDir = resolve(request.outDir);
  const unfinished = join(outDir, `.unfinished-${process.pid}`);
  await rm(unfinished, { recursive: true, force: true });
  try {
    for (const { path, content } of files) {
      const target = join(unfinished, path);
      await mkdir(dirname(target), { recursive: true });
      await writeAtomically(target, content);
    }
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
      await replaceFolder(join(unfinished, folder), join(outDir, folder), join(unfinished, `${folder}.old`));
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return outDir;
}

/** A folder cannot be renamed onto another: the old one steps aside first. */
async function replaceFolder(from: string, to: string, aside: string): Promise<void> {
  await rename(to, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(from, to);
}

async function computeParity({ spec, params, pictures, wasmPath }: ExportRequest): Promise<Parity> {
  const thread = createLearningThread({ spec, wasmPath, labelled: undefined });
  try {
    const size = spec.config.imageSize ** 2 * spec.config.numChannels;
    const request = {
      type: 'parity',
      params,
      pictures: twoPictures(pictures, size),
      seed: PARITY_SEED,
    } as const;
    const value = await thread.call(request);
    if (value.type !== 'parity') throw new Error(`exportModel: expected parity, received ${value.type}`);
    return value.parity;
  } finally {
    await thread.close();
  }
}

/** The first picture and the next that differs from it; its negative where none does. */
export function twoPictures(pictures: Uint8Array, size: number): Uint8Array {
  if (pictures.length < size) {
    throw new Error(
      `exportModel: expected at least one picture of ${size} bytes for the parity check, received ${pictures.length} bytes`,
    );
  }
  const first = pictures.subarray(0, size);
  const two = new Uint8Array(2 * size);
  two.set(first);
  two.set(first.map((v) => 255 - v), size); // prettier-ignore
  for (let start = size; start + size <= pictures.length; start += size) {
    const other = pictures.subarray(start, start + size);
    if (other.some((v, i) => v !== first[i])) {
      two.set(other, size);
      break;
    }
  }
  return two;
}
