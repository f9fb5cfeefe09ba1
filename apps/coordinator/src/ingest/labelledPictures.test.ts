import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from './inputError.ts';
import { readLabelled, type LabelledRequest } from './labelledPictures.ts';
import { idxImages, idxLabels, pictureFile, testFolder, writeFiles } from './testSources.ts';

const GREY = { side: 16, channels: 1, patch: 2 };
const COLOUR = { side: 16, channels: 3, patch: 2 };

const asking = (source: string, changes: Partial<LabelledRequest> = {}): LabelledRequest => ({
  source,
  picture: GREY,
  labels: 100,
  tests: 100,
  seed: 0,
  ...changes,
});

/** Of each picture the pixel at its own top left: that it is number so much in its file, by `idxImages`. */
const firstPixels = (pictures: Uint8Array): number[] =>
  Array.from({ length: pictures.length / 256 }, (_, i) => pictures[i * 256 + 2 * 16 + 2] ?? NaN);

async function fashion(): Promise<string> {
  return writeFiles(await testFolder(), {
    'train-images-idx3-ubyte': idxImages(40),
    'train-labels-idx1-ubyte': idxLabels(Array.from({ length: 40 }, (_, i) => i % 4)),
    't10k-images-idx3-ubyte': idxImages(12),
    't10k-labels-idx1-ubyte': idxLabels(Array.from({ length: 12 }, (_, i) => i % 4)),
  });
}

const sentenceOf = async (reading: Promise<unknown>): Promise<string> => {
  const error: unknown = await reading.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof InputError)) throw new Error(`expected an InputError, received ${String(error)}`);
  return error.message;
};

describe('labelled pictures', () => {
  test('are a seeded choice: the bank from the training split, those asked about from the test split', async () => {
    const source = await fashion();
    const got = await readLabelled(asking(source, { labels: 10, tests: 5 }));
    expect(got).toMatchObject({ testCount: 5, classes: 4 });
    expect(got.pictures.length).toBe(15 * 256);
    // Padded as ingest pads, each with its own label.
    const numbers = idxImages(40);
    const labelByPixel = new Map(Array.from({ length: 40 }, (_, i) => [numbers[16 + i * 144], i % 4]));
    firstPixels(got.pictures).forEach((pixel, i) => expect(labelByPixel.get(pixel)).toBe(got.labels[i]));
    expect(got.notes).toEqual([
      expect.stringContaining('may also have been trained on, without their labels'),
    ]);
    expect(await readLabelled(asking(source, { labels: 10, tests: 5 }))).toEqual(got);
    const other = await readLabelled(asking(source, { labels: 10, tests: 5, seed: 1 }));
    expect(other.pictures).not.toEqual(got.pictures);
  });

  test('none is in both parts where the source has no test split, and a quarter is asked about', async () => {
    const source = await writeFiles(await testFolder(), {
      'all-images-idx3-ubyte': idxImages(32),
      'all-labels-idx1-ubyte': idxLabels(Array.from({ length: 32 }, (_, i) => i % 2)),
    });
    const got = await readLabelled(asking(source));
    expect(got).toMatchObject({ testCount: 8, classes: 2 });
    expect(new Set(firstPixels(got.pictures)).size).toBe(32);
    expect(got.notes.join(' ')).toContain('has no separate test split');
    expect(got.notes.join(' ')).toContain('Of 100 labelled pictures asked for');
  });

  test('picture files of any size are brought to the shape of the encoder', async () => {
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 16; i++) files[`${i % 2 === 0 ? 'cat' : 'dog'}/${i}.png`] = await pictureFile(i);
    const source = await writeFiles(await testFolder(), files);
    const got = await readLabelled(asking(source, { picture: COLOUR }));
    expect(got.pictures.length).toBe(16 * 16 * 16 * 3);
    expect(Array.from(got.labels).sort().join('')).toBe('0000000011111111');
  });

  test('what cannot be used is a sentence', async () => {
    const unlabelled = await writeFiles(await testFolder(), { 'x-images-idx3-ubyte': idxImages(20) });
    expect(await sentenceOf(readLabelled(asking(unlabelled)))).toContain(
      'has no labels of two or more classes',
    );
    const source = await fashion();
    expect(await sentenceOf(readLabelled(asking(source, { picture: COLOUR })))).toContain(
      'have 1 channel, and this encoder takes 3: choose colour pictures',
    );
    const few = await writeFiles(await testFolder(), {
      'x-images-idx3-ubyte': idxImages(6),
      'x-labels-idx1-ubyte': idxLabels([0, 1, 0, 1, 0, 1]),
    });
    expect(await sentenceOf(readLabelled(asking(few)))).toContain(
      'too few labelled pictures: 5 to learn from and 1 to ask about, and at least 4',
    );
    const missing = join(source, 'nowhere');
    expect(await sentenceOf(readLabelled(asking(missing)))).toContain(`${missing} does not exist`);
    expect(await sentenceOf(readLabelled(asking(source, { maxBytes: 20 * 256 })))).toContain(
      'do not fit in memory: give --labels and --tests of at most 20 together',
    );
  });
});
