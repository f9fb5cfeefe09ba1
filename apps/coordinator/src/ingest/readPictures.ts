import { join } from 'node:path';
import { fitPicture } from './decodePicture.ts';
import type { PictureShape } from './decodePicture.ts';
import { InputError, counted } from './inputError.ts';
import { mapInOrder } from './mapInOrder.ts';
import type { Source, SourcePicture, Split } from './source.ts';
import { SpoolWriter, packRecord, recordByteCount } from './spool.ts';
import type { Spool } from './spool.ts';

export interface SkippedPicture {
  readonly name: string;
  readonly reason: string;
}

/** Every readable picture in its final shape, by split, in temporary files. */
export interface ReadPictures {
  readonly spools: Readonly<Record<Split, Spool>>;
  readonly skippedCount: number;
  readonly skipped: readonly SkippedPicture[];
}

const DECODES_AT_ONCE = 8;
const LISTED = 20;
const MAX_SKIPPED_SHARE = 0.01;

/** One broken picture never ends an ingest; beyond that more than 1 % do. */
function refuseTooManySkipped(source: string, read: ReadPictures): void {
  const good = read.spools.train.count + read.spools.test.count;
  const total = good + read.skippedCount;
  if (good > 0 && read.skippedCount <= Math.max(1, MAX_SKIPPED_SHARE * total)) return;
  const examples = read.skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
  throw new InputError(
    `${read.skippedCount} of ${counted(total, 'picture')} in ${source} cannot be read, and at most 1 % are skipped ` +
      `(${examples.join('; ')}). Replace or remove them.`,
  );
}

async function spoolAll(
  source: Source,
  shape: PictureShape,
  writers: Readonly<Record<Split, SpoolWriter>>,
  onPicture: () => void,
): Promise<Omit<ReadPictures, 'spools'>> {
  const skipped: SkippedPicture[] = [];
  let skippedCount = 0;
  const fit = async (picture: SourcePicture) => ({ picture, fitted: await fitPicture(picture.image, shape) });
  for await (const { picture, fitted } of mapInOrder(source.pictures(), DECODES_AT_ONCE, fit)) {
    onPicture();
    if ('pixels' in fitted) {
      await writers[picture.split].append(packRecord(fitted.pixels, picture.label));
      continue;
    }
    if (skippedCount++ < LISTED) skipped.push({ name: picture.name, reason: fitted.reason });
  }
  return { skipped, skippedCount };
}

/** Decodes the whole source into spools below `folder`. Throws InputError on damaged input or too many bad pictures. */
export async function readPictures(
  source: Source,
  {
    shape,
    folder,
    name,
    onPicture,
  }: { shape: PictureShape; folder: string; name: string; onPicture: () => void },
): Promise<ReadPictures> {
  const recordBytes = recordByteCount(shape.side * shape.side * shape.channels);
  const train = await SpoolWriter.create(join(folder, 'train'), recordBytes);
  const test = await SpoolWriter.create(join(folder, 'test'), recordBytes);
  try {
    const skips = await spoolAll(source, shape, { train, test }, onPicture);
    const read = { ...skips, spools: { train: await train.finish(), test: await test.finish() } };
    refuseTooManySkipped(name, read);
    return read;
  } catch (error) {
    await Promise.allSettled([train.abandon(), test.abandon()]);
    throw error;
  }
}
