import { expect, test } from 'vitest';
import { FolderNames, isPicturePath } from './picturePath.ts';

function placed(paths: readonly string[]) {
  const names = new FolderNames();
  paths.forEach((path) => names.add(path));
  const { classes, place } = names.convention();
  return { classes, places: paths.map(place) };
}
const train = (label?: number) => ({ split: 'train', ...(label === undefined ? {} : { label }) });
const held = (label?: number) => ({ split: 'test', ...(label === undefined ? {} : { label }) });

test.each([
  ['class folders', ['cat/1.png', 'dog/2.png'], ['cat', 'dog'], [train(0), train(1)]],
  ['splits and classes', ['train/cat/1.png', 'val/dog/2.png'], ['cat', 'dog'], [train(0), held(1)]],
  [
    'below one shared folder',
    ['set/train/cat/1.png', 'set/test/dog/2.png'],
    ['cat', 'dog'],
    [train(0), held(1)],
  ],
  [
    'deeper folders',
    ['train/cat/images/1.png', 'train/dog/images/2.png'],
    ['cat', 'dog'],
    [train(0), train(1)],
  ],
  ['"./" in front, as tar writes it', ['./cat/1.png', './dog/2.png'], ['cat', 'dog'], [train(0), train(1)]],
  ['no folders', ['1.png', '2.png'], undefined, [train(), train()]],
  ['one folder', ['photos/1.png', 'photos/2.png'], undefined, [train(), train()]],
  ['classes for some only', ['1.png', 'cat/2.png', 'dog/3.png'], undefined, [train(), train(), train()]],
  ['only a test split', ['test/cat/1.png', 'test/dog/2.png'], ['cat', 'dog'], [held(0), held(1)]],
] as const)('%s', (_, paths, classes, places) => {
  expect(placed(paths)).toEqual({ classes, places });
});

test('pictures are told by their ending; hidden files are none', () => {
  expect(['a.JPEG', 'b/c.webp', './d.png'].every(isPicturePath)).toBe(true);
  expect(['a.txt', '._a.jpg', '.git/a.png', '__MACOSX/a.png', 'jpg'].some(isPicturePath)).toBe(false);
});
