import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { glyphSeed } from '@murmur/core/data/glyphs';
import type { Detected } from './detected.ts';
import { naming } from './inputError.ts';
import { walkFiles } from './walkFiles.ts';

/** Raise it when ingest would make other shards of the same source. */
const INGEST_VERSION = 1;

async function* filesOf(detected: Detected): AsyncGenerator<string> {
  switch (detected.format) {
    case 'glyphs':
      return;
    case 'idx':
      for (const { images, labels } of detected.pairs)
        yield* labels === undefined ? [images] : [images, labels];
      return;
    case 'cifar10':
      yield* detected.metaPath === undefined ? detected.files : [...detected.files, detected.metaPath];
      return;
    case 'tarImages':
      yield* detected.files;
      return;
    case 'imageFolder':
      for await (const path of walkFiles(detected.root)) yield join(detected.root, path);
  }
}

/** Names what ingest would do: the files by name, size and time of change, and the options. SHA-256 in hex. */
export async function fingerprint(
  detected: Detected,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([INGEST_VERSION, glyphSeed, detected.format, options]));
  for await (const path of filesOf(detected)) {
    const { size, mtimeMs } = await naming(path, () => stat(path));
    hash.update(JSON.stringify([path, size, mtimeMs]));
  }
  return hash.digest('hex');
}
