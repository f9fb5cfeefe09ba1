import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import { glyph, glyphClasses, glyphSeed, glyphSide } from './glyphs.ts';

const PICTURE_BYTES = glyphSide * glyphSide * 3;

function pictures(count: number, split: 'train' | 'evaluation', seed = glyphSeed): Uint8Array {
  const all = new Uint8Array(count * PICTURE_BYTES);
  for (let i = 0; i < count; i++) all.set(glyph(seed, split, i).pixels, i * PICTURE_BYTES);
  return all;
}

test('the first hundred pictures are pinned: the same bytes on every machine', () => {
  expect(sha256Hex(pictures(100, 'train'))).toBe(
    '9d88230ce3ca5102a6a4e7c7644e8ff48879387c328922cd690c5acd6afe4bc9',
  );
});

test('a picture depends on its seed, split and index alone', () => {
  expect(glyph(1, 'train', 7)).toEqual(glyph(1, 'train', 7));
  for (const other of [glyph(2, 'train', 7), glyph(1, 'evaluation', 7), glyph(1, 'train', 17)]) {
    expect(other.pixels).not.toEqual(glyph(1, 'train', 7).pixels);
  }
});

test('ten pictures in a row show each class once', () => {
  const labels = Array.from({ length: 10 }, (_, i) => glyph(1, 'train', 40 + i).label);
  expect(new Set(labels)).toEqual(new Set(glyphClasses.keys()));
});

test('training and evaluation share no picture', () => {
  const hashes = (split: 'train' | 'evaluation') =>
    Array.from({ length: 300 }, (_, i) => sha256Hex(glyph(glyphSeed, split, i).pixels));
  const training = new Set(hashes('train'));
  expect(training.size).toBe(300);
  expect(hashes('evaluation').filter((hash) => training.has(hash))).toEqual([]);
});

/** Share of `queries` whose nearest neighbours among `known` (squared distance of raw pixels, majority of ten) agree. */
function rawNeighbourAccuracy(known: Uint8Array, queries: Uint8Array): number {
  const knownCount = known.length / PICTURE_BYTES;
  const queryCount = queries.length / PICTURE_BYTES;
  let right = 0;
  for (let q = 0; q < queryCount; q++) {
    const distances = Array.from({ length: knownCount }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < PICTURE_BYTES; i++) {
        const difference = queries[q * PICTURE_BYTES + i]! - known[k * PICTURE_BYTES + i]!;
        sum += difference * difference;
      }
      return { label: k % 10, sum };
    });
    const votes = new Array<number>(10).fill(0);
    for (const { label } of distances.sort((a, b) => a.sum - b.sum).slice(0, 10)) votes[label]! += 1;
    if (votes.indexOf(Math.max(...votes)) === q % 10) right++;
  }
  return right / queryCount;
}

test('raw pixels are a poor representation: ten nearest neighbours are mostly of other classes', () => {
  const accuracy = rawNeighbourAccuracy(pictures(500, 'train'), pictures(100, 'evaluation'));
  expect(accuracy).toBeGreaterThan(0.15);
  expect(accuracy).toBeLessThan(0.5);
});
