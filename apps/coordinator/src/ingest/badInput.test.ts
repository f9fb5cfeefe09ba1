import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ingest } from './ingest.ts';
import { InputError } from './inputError.ts';
import { openSource } from './openSource.ts';
import { detect } from './detect.ts';
import {
  cifarBatch,
  gz,
  idxImages,
  idxLabels,
  pictureFile,
  tarOf,
  testFolder,
  writeFiles,
} from './testSources.ts';

type Files = Readonly<Record<string, Uint8Array | string>>;

/** The message of the InputError that ingest of these files ends with. */
async function refusal(files: Files, below = ''): Promise<string> {
  const folder = await testFolder();
  await writeFiles(join(folder, 'in'), { '.keep': '', ...files });
  const outcome = ingest({ source: join(folder, 'in', below), outDir: join(folder, 'out'), seed: 1 });
  const error: unknown = await outcome.then(
    () => new Error('ingest accepted it'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw error;
  return error.message.replaceAll(`${folder}/`, '');
}

const IDX = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';
const header = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
};

describe('unusable input ends with one sentence that names file, finding and remedy', () => {
  test.each<[string, Files, string, string]>([
    ['a missing path', {}, 'nowhere', 'in/nowhere does not exist: check the spelling'],
    ['an empty folder', {}, '', 'in is empty: expected a folder of pictures'],
    [
      'a folder of other files',
      { 'a.txt': 'x', 'b.csv': 'y' },
      '',
      'in holds 2 files of no known kind: expected',
    ],
    ['an empty file', { [IDX]: '' }, IDX, `in/${IDX} is empty (0 bytes)`],
    ['an unknown file', { 'a.xyz': 'hello' }, 'a.xyz', 'in/a.xyz is of no known format'],
    ['one picture', { 'a.png': 'x' }, 'a.png', 'in/a.png is one picture: name the folder'],
    ['labels alone', { [LABELS]: idxLabels([1]) }, LABELS, `in/${LABELS} holds labels only`],
    [
      'a mix',
      { 'a.png': 'x', 'b.tar': 'y', 'c.tar': 'z' },
      '',
      'in holds a mix of formats: pictures (a.png) and tar archives (b.tar and 1 more). Name one file',
    ],
    [
      'bad magic',
      { [IDX]: header(7, 1, 2, 2) },
      '',
      `in/${IDX} is not an IDX file of the kind expected: it begins with 0x00000007`,
    ],
    [
      'a header cut short',
      { [IDX]: idxImages(5).subarray(0, 7) },
      '',
      `in/${IDX} ends after 7 bytes of its 16-byte IDX header.`,
    ],
    [
      'an absurd header',
      { [IDX]: header(0x803, 9, 70000, 28) },
      '',
      `in/${IDX} promises 9 pictures of 70000x28`,
    ],
    ['no pictures', { [IDX]: header(0x803, 0, 28, 28) }, '', `in/${IDX} promises 0 pictures`],
    [
      'cut pictures',
      { [IDX]: idxImages(50).subarray(0, 16 + 3 * 144 + 10) },
      '',
      `in/${IDX} ends at byte 10 of picture 4: its header promises 50 pictures of 12x12 (7216 bytes). Download the file again.`,
    ],
    ['cut gzip', { [`${IDX}.gz`]: gz(idxImages(50)).subarray(0, 300) }, '', 'of picture '],
    [
      'more than promised',
      { [IDX]: Buffer.concat([idxImages(5), Buffer.of(1)]) },
      '',
      `in/${IDX} goes on after the 736 bytes`,
    ],
    [
      'other label count',
      { [IDX]: idxImages(5), [LABELS]: idxLabels([1, 2]) },
      '',
      `in/${LABELS} holds 2 labels, but in/${IDX} holds 5 pictures`,
    ],
    [
      'cut labels',
      { [IDX]: idxImages(5), [LABELS]: idxLabels([1, 2, 3, 4, 5]).subarray(0, 11) },
      '',
      `in/${LABELS} ends after label 3: its header promises 5`,
    ],
    [
      'odd CIFAR size',
      { 'data_batch_1.bin': cifarBatch(2).subarray(0, 5000) },
      '',
      'in/data_batch_1.bin holds 5000 bytes, which is not a whole number of CIFAR-10 records of 3073 bytes: it ends at byte 1927 of record 2',
    ],
    ['CIFAR label', { 'data_batch_1.bin': Buffer.alloc(3073, 99) }, '', 'has label 99 in record 1'],
    [
      'class names',
      { 'a.bin': cifarBatch(1), 'batches.meta.txt': 'x\ny\n' },
      '',
      'in/batches.meta.txt names 2 classes',
    ],
    [
      'damaged gzip',
      { 'a.bin.gz': Buffer.concat([gz(cifarBatch(9)).subarray(0, 10), Buffer.alloc(90, 255)]) },
      '',
      'in/a.bin.gz is a damaged gzip file (',
    ],
    [
      'no tar',
      { 'a.tar': Buffer.alloc(2048, 65) },
      '',
      'in/a.tar is not a whole tar archive (Invalid tar header',
    ],
    ['only broken pictures', { 'a.png': 'x', 'b.png': 'y' }, '', 'None of the 2 pictures in in can be read'],
  ])('%s', async (_, files, below, sentence) => {
    expect(await refusal(files, below)).toContain(sentence);
  });

  test('a tar archive without pictures', async () => {
    expect(await refusal({ 'a.tar': await tarOf({ 'x.txt': Buffer.from('x') }) })).toContain(
      'in/a.tar holds no picture',
    );
  });

  test('flags that do not fit the pictures', async () => {
    const folder = await testFolder();
    const source = await writeFiles(join(folder, 'in'), { [IDX]: idxImages(40) });
    const withFlags = (flags: object) => ingest({ source, outDir: join(folder, 'out'), seed: 1, ...flags });
    await expect(withFlags({ imageSize: 30 })).rejects.toThrow(
      'An image size of 30 cannot be cut into 8 x 8 patches',
    );
    await expect(withFlags({ patch: 5 })).rejects.toThrow('A patch of 5 does not divide pictures of 16x16');
    await expect(withFlags({ imageSize: 4 })).rejects.toThrow('choose a whole number from 8 to 512');
  });
});

/** Reads a source to its end; the error it ends with. */
async function readThrough(path: string): Promise<unknown> {
  try {
    const source = await openSource(await detect(path), () => undefined);
    for await (const picture of source.pictures()) if (picture.image.kind === 'unreadable') return undefined;
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a file cut or changed anywhere never crashes or hangs', async () => {
  const png: Record<string, Buffer> = {};
  for (let i = 0; i < 4; i++) png[`c${i % 2}/${i}.png`] = await pictureFile(i);
  const wholes: Record<string, Buffer> = {
    [IDX]: idxImages(20),
    [`${IDX}.gz`]: gz(idxImages(20)),
    'batch.bin': cifarBatch(3),
    'batch.bin.gz': gz(cifarBatch(3)),
    'pictures.tar': await tarOf(png),
    'pictures.tar.gz': gz(await tarOf(png)),
  };

  test.each(Object.keys(wholes))('%s', async (name) => {
    const whole = wholes[name] as Buffer;
    const folder = await testFolder();
    const path = join(folder, name);
    // A tar archive ends with two blocks of zeros and CIFAR-10 has no end mark: what is left there is still whole.
    const harmless = (cut: number) =>
      name === 'batch.bin'
        ? cut % 3073 === 0 && cut > 0
        : name === 'pictures.tar' && cut > whole.length - 1024;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (cut) => {
        await writeFiles(folder, { [name]: whole.subarray(0, cut) });
        const error = await readThrough(path);
        if (!harmless(cut)) expect(error).toBeInstanceOf(InputError);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        await writeFiles(folder, { [name]: whole.map((byte, i) => (i === at ? byte ^ flip : byte)) });
        const error = await readThrough(path);
        if (error !== undefined) expect(error).toBeInstanceOf(InputError);
      }),
      { numRuns: 60 },
    );
  });
});
