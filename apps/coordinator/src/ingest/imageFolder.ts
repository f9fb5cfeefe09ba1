import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError, fromSystemError } from './inputError.ts';
import { mapInOrder } from './mapInOrder.ts';
import { FolderNames, isPicturePath } from './picturePath.ts';
import { PictureSurvey, pictureSize } from './pictureSurvey.ts';
import type { OnLook, Source, SourcePicture } from './source.ts';
import { walkFiles } from './walkFiles.ts';

/** A picture file larger than this is skipped. */
export const maxPictureFileBytes = 64 * 2 ** 20;

const READS_AT_ONCE = 8;

async function* picturePaths(root: string): AsyncGenerator<string> {
  for await (const path of walkFiles(root)) if (isPicturePath(path)) yield path;
}

/** The file's bytes, or why they are missing: one lost file must not end the whole. */
async function fetchPicture(path: string): Promise<SourcePicture['image']> {
  try {
    const { size } = await stat(path);
    if (size === 0) return { kind: 'unreadable', reason: 'the file is empty' };
    if (size > maxPictureFileBytes) {
      return {
        kind: 'unreadable',
        reason: `the file has ${size} bytes, at most ${maxPictureFileBytes} are read`,
      };
    }
    return { kind: 'encoded', bytes: await readFile(path) };
  } catch (error) {
    const cause = fromSystemError(error, basename(path));
    if (cause instanceof InputError) return { kind: 'unreadable', reason: cause.message };
    throw error;
  }
}

/**
 * Opens a folder of pictures of any size, searched to its depth: class folders become labels, train/ and val/ or
 * test/ become splits. Looks at each file's header once for sizes. Throws InputError.
 */
export async function openImageFolder(root: string, onLook: OnLook): Promise<Source> {
  const survey = new PictureSurvey();
  const folders = new FolderNames();
  const sizeOf = async (path: string) => {
    const image = await fetchPicture(join(root, path));
    return { path, size: image.kind === 'encoded' ? await pictureSize(image.bytes) : undefined };
  };
  for await (const { path, size } of mapInOrder(picturePaths(root), READS_AT_ONCE, sizeOf)) {
    folders.add(path);
    survey.add(size);
    onLook(survey.count);
  }
  const { classes, notes, place } = folders.convention();
  return {
    format: 'image folder',
    extent: survey.extent(root),
    ...(classes === undefined ? {} : { classes }),
    notes,
    pictures: async function* () {
      for await (const path of picturePaths(root)) {
        yield { name: path, ...place(path), image: await fetchPicture(join(root, path)) };
      }
    },
  };
}
