/** What holds for every transform, whatever it does. */
import { describe, expect, it } from 'vitest';
import { fold } from '../random/key.ts';
import { changed, distance, keysOf, noisyPictures, pictureAt } from './augment.fixture.ts';
import { colorJitter } from './colorJitter.ts';
import { gaussianBlur } from './gaussianBlur.ts';
import { randomGreyscale } from './greyscale.ts';
import { horizontalFlip } from './horizontalFlip.ts';
import { compose, type Pictures, type Transform } from './pictures.ts';
import { randomResizedCrop } from './randomResizedCrop.ts';
import { solarize } from './solarize.ts';

const jitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
const crop = randomResizedCrop({ scale: [0.2, 1], ratio: [3 / 4, 4 / 3] });

/** Those that leave a share of the pictures alone. */
const withProbability: readonly (readonly [string, (probability: number) => Transform])[] = [
  ['horizontal flip', horizontalFlip],
  ['colour jitter', (probability) => colorJitter({ probability, ...jitter })],
  ['greyscale', randomGreyscale],
  ['Gaussian blur', (probability) => gaussianBlur({ probability, sigma: [0.5, 2] })],
  ['solarise', solarize],
];

const all: readonly (readonly [string, Transform])[] = [
  ['random resized crop', crop],
  ...withProbability.map(([name, of]) => [name, of(0.5)] as const),
  ['one after the other', compose([crop, ...withProbability.map(([, of]) => of(0.5))])],
];

/** The smallest that is blurred. */
const SIDE = 20;

describe.each(all)('%s', (_, transform) => {
  const [before, keys] = [noisyPictures(8, SIDE, 3), keysOf(8)];
  const after = transform(before, keys);

  it('makes of a picture the same whatever else is in the batch, and wherever it stands', () => {
    for (let i = 0; i < 8; i++) {
      const alone: Pictures = { ...before, values: pictureAt(before, i).slice() };
      expect(transform(alone, [keys[i]!]).values).toEqual(pictureAt(after, i));
    }
    const swapped = { ...before, values: before.values.slice() };
    swapped.values.set(pictureAt(before, 7), 0);
    expect(pictureAt(transform(swapped, [keys[7]!, ...keys.slice(1)]), 0)).toEqual(pictureAt(after, 7));
  });

  it('keeps shape and range, leaves its input alone and does the same again', () => {
    const copy = before.values.slice();
    expect(transform(before, keys)).toEqual(after);
    expect(before.values).toEqual(copy);
    expect([after.side, after.channels, after.values.length]).toEqual([SIDE, 3, copy.length]);
    expect(after.values.every((v) => v >= -1e-6 && v <= 1 + 1e-6)).toBe(true);
  });

  it('draws from the keys', () => {
    expect(distance(transform(before, keysOf(8, 99)).values, after.values)).toBeGreaterThan(0.01);
  });
});

describe.each(withProbability)('%s', (_, of) => {
  it.each([0, 0.2, 0.5, 1])('changes the share of pictures that its probability says: %f', (probability) => {
    const count = 600;
    const before = noisyPictures(count, SIDE, 3);
    const share =
      changed(before, of(probability)(before, keysOf(count)), count).filter(Boolean).length / count;
    const deviation = Math.sqrt((probability * (1 - probability)) / count);
    expect(Math.abs(share - probability)).toBeLessThanOrEqual(3.3 * deviation); // one seed in a thousand is beyond
  });
});

it('transforms one after the other have keys of their own', () => {
  const flip = horizontalFlip(0.5);
  const [before, keys] = [noisyPictures(400, 4, 1), keysOf(400)];
  const inTurn = [0, 1].reduce(
    (some, i) =>
      flip(
        some,
        keys.map((k) => fold(k, i)),
      ),
    before,
  );
  const twice = compose([flip, flip])(before, keys);
  expect(twice).toEqual(inTurn);
  const share = changed(before, twice, 400).filter(Boolean).length / 400;
  expect(Math.abs(share - 0.5)).toBeLessThan(0.09); // with the same key twice nothing would change
  expect(compose([])(before, keys)).toBe(before);
});
