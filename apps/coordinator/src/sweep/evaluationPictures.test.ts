import { expect, test } from 'vitest';
import { glyph, glyphCounts, glyphSeed } from '@murmur/core/data/glyphs';
import { evaluationCount, withEnough } from './evaluationPictures.ts';

const EACH = 32 * 32 * 3;
const stored = {
  ...({ side: 32, channels: 3, classes: ['a'], origin: 'test split', count: 2 } as const),
  pictures: new Uint8Array(2 * EACH).fill(7),
  labels: Uint16Array.of(4, 5),
};

test('a sweep over glyphs has as many pictures to score with as it asks for', () => {
  const { count, pictures, labels } = withEnough(stored, { data: 'glyphs', evalSamples: 4 });
  expect([count, pictures.length, labels.length]).toEqual([4, 4 * EACH, 4]);
  expect(pictures.subarray(0, 2 * EACH)).toEqual(stored.pictures);
  expect([...labels.subarray(0, 2)]).toEqual([4, 5]);
  expect(pictures.subarray(3 * EACH)).toEqual(glyph(glyphSeed, 'evaluation', 3).pixels);
  expect(labels[3]).toBe(glyph(glyphSeed, 'evaluation', 3).label);
  expect(evaluationCount(glyphCounts.evaluation, 32, { data: 'glyphs', evalSamples: 8000 })).toBe(8000);
});

test('other data, resized glyphs and smaller wishes leave the set as it is', () => {
  expect(withEnough(stored, { data: './glyphs', evalSamples: 4 })).toBe(stored);
  expect(withEnough({ ...stored, side: 16 }, { data: 'glyphs', evalSamples: 4 }).count).toBe(2);
  expect(withEnough(stored, { data: 'glyphs', evalSamples: 1 })).toBe(stored);
  expect(evaluationCount(2000, 16, { data: 'glyphs', evalSamples: 8000 })).toBe(2000);
});
