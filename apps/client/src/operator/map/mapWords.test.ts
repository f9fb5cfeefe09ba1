import { expect, it } from 'vitest';
import { scoreFixture } from '../../gallery/records.fixture.ts';
import { mapFixture } from './map.fixture.ts';
import { mapDescription, versionMeaning, versionWords } from './mapWords.ts';

const view = mapFixture(0, 5, 10);
if (view.kind !== 'shown') throw new Error('the fixture shows a map');
const { map } = view;
const plain = (text: string) => text.replaceAll('\u202f', ' ');

it('versions are named by their round, the first as what it is', () => {
  expect(map.frames.map(versionWords)).toEqual(['untrained', 'round 5', 'round 10']);
});

it('a version says its place, and its score where there is one', () => {
  const scores = [scoreFixture(5, { probe: 0.421 })];
  expect([0, 1, 2].map((i) => plain(versionMeaning(map, i, scores)))).toEqual([
    'Version 1 of 3 · linear probe 31.0 %',
    'Version 2 of 3 · linear probe 42.1 %',
    'Version 3 of 3',
  ]);
});

it('the map has a sentence for those who do not see it', () => {
  expect(mapDescription(map, map.frames[1]!, 'pca')).toBe(
    'Map by PCA of 240 pictures as the encoder sees them, round 5.',
  );
});
