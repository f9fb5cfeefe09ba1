import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { onTestFinished } from 'vitest';

/** Small made sources for the tests of this folder. */

/** A folder that is removed when the test ends. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'murmur-ingest-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const uint32s = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
};

/** Pictures whose first pixel is their number, the rest a pattern. */
export function idxImages(count: number, height = 12, width = 12): Buffer {
  const pixels = Buffer.alloc(count * height * width);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 31 + Math.floor(i / (height * width)) * 7) % 256;
  return Buffer.concat([uint32s(0x803, count, height, width), pixels]);
}

export const idxLabels = (labels: readonly number[]): Buffer =>
  Buffer.concat([uint32s(0x801, labels.length), Buffer.from(labels)]);

export function cifarBatch(count: number): Buffer {
  const records = Buffer.alloc(count * 3073);
  for (let i = 0; i < records.length; i++) records[i] = (i * 13 + Math.floor(i / 3073) * 5) % 256;
  for (let i = 0; i < count; i++) records[i * 3073] = i % 10;
  return records;
}

/** A picture of one colour with a diagonal, in the format of `ending`. */
export function pictureFile(
  index: number,
  ending: 'png' | 'jpeg' = 'png',
  [width, height, channels] = [20, 16, 3],
): Promise<Buffer> {
  const pixels = Buffer.alloc(width! * height! * channels!);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (index * 37 + (i % (width! + 1)) * 11) % 256;
  const raw = { width: width!, height: height!, channels: channels as 1 | 3 };
  const picture = sharp(pixels, { raw });
  return (channels === 1 ? picture.toColourspace('b-w') : picture).toFormat(ending).toBuffer();
}

/** Writes files given as path → content below `root`. */
export async function writeFiles(
  root: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

/** A tar archive of the files. */
export async function tarOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) if (part instanceof Uint8Array) parts.push(part);
  return Buffer.concat(parts);
}

export const gz = (bytes: Uint8Array): Buffer => gzipSync(bytes);
