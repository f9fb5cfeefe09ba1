import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from './inputError.ts';
import { filesMatching, isPattern } from './pathPattern.ts';
import { sourceName } from './sourceName.ts';
import { testFolder, writeFiles } from './testSources.ts';

const NAMES = ['part_1.tar', 'part_2.tar', 'part_10.tar', 'part_2xtar', '.part_3.tar', 'part+(1).tar'];

async function matches(pattern: string): Promise<string[]> {
  const folder = await writeFiles(
    await testFolder(),
    Object.fromEntries(NAMES.map((name) => [name, 'content'])),
  );
  await mkdir(join(folder, 'part_9.tar'));
  return (await filesMatching(join(folder, pattern))).map((path) => basename(path));
}

describe('a pattern', () => {
  test.each([
    ['part_*.tar', ['part_1.tar', 'part_10.tar', 'part_2.tar']],
    ['part_?.tar', ['part_1.tar', 'part_2.tar']],
    ['part_??.tar', ['part_10.tar']],
    ['*', ['part+(1).tar', 'part_1.tar', 'part_10.tar', 'part_2.tar', 'part_2xtar']],
    ['.part*', ['.part_3.tar']],
    ['part+(?).*', ['part+(1).tar']],
  ])(
    '%s matches files by whole names, in order; no folder, and nothing hidden unasked',
    async (pattern, found) => {
      expect(await matches(pattern)).toEqual(found);
    },
  );

  test.each([
    ['*.zip', /\*\.zip matches no file in .*: check the spelling\.$/],
    ['part_9*', /matches no file/],
    ['a*/b.tar', /in the name of a folder, and only the last name may have them/],
    ['nowhere/*.tar', /nowhere does not exist: check the spelling/],
  ])('%s is refused with a sentence', async (pattern, sentence) => {
    const refused = matches(pattern);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow(InputError);
  });

  test('is told from a path by * and ?', () => {
    expect(['a/*.tar', 'a/b?.bin', 'a/b.tar', 'a[1].tar'].map(isPattern)).toEqual([true, true, false, false]);
  });
});

test.each([
  ['/data/pictures.tar.gz', 'pictures'],
  ['/data/t10k-images-idx3-ubyte.gz', 't10k-images-idx3-ubyte'],
  ['/data/cifar-10/jpeg_*.tar.gz', 'jpeg'],
  ['/data/cifar-10/data_batch_?.bin', 'data_batch'],
  ['/data/cifar-10/*_train_*.tar', 'train'],
  ['/data/cifar-10/a*b.tar', 'a-b'],
  ['/data/cifar-10/*.tar.gz', 'cifar-10'],
  ['/', 'pictures'],
])('data from %s are called %s', (source, name) => expect(sourceName(source)).toBe(name));
