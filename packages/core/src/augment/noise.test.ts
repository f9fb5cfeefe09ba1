import { describe, expect, it } from 'vitest';
import { keysOf, noisyPictures } from './augment.fixture.ts';
import { gaussianNoise } from './gaussianNoise.ts';
import { maskingNoise } from './maskingNoise.ts';
import type { Pictures } from './pictures.ts';

const pictures = noisyPictures(6, 32, 3);
const keys = keysOf(6);
const added = (noisy: Pictures) => noisy.values.map((value, i) => value - (pictures.values[i] ?? NaN));
const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;

describe('normal noise', () => {
  it('has mean zero, the deviation asked for and the tails of a normal distribution', () => {
    const noise = added(gaussianNoise(0.2)(pictures, keys));
    expect(Math.abs(mean(noise))).toBeLessThan(0.006); // four standard errors of 18,432 values
    expect(Math.sqrt(mean(noise.map((v) => v * v)))).toBeCloseTo(0.2, 2);
    const beyondTwo = noise.filter((v) => Math.abs(v) > 0.4).length / noise.length;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.007);
  });

  it('is not clipped, and no noise where its deviation is zero', () => {
    const noisy = gaussianNoise(0.2)(pictures, keys).values;
    expect(noisy.some((v) => v < 0) && noisy.some((v) => v > 1)).toBe(true);
    expect(gaussianNoise(0)(pictures, keys).values).toEqual(pictures.values);
  });
});

describe('masking noise', () => {
  it('sets the share asked for to zero, channel by channel, and leaves the rest', () => {
    const { values } = maskingNoise(0.25)(pictures, keys);
    const gone = values.map((v, i) => (v === 0 && pictures.values[i] !== 0 ? 1 : 0));
    expect(Math.abs(mean(gone) - 0.25)).toBeLessThan(0.013);
    values.forEach((v, i) => expect(gone[i] === 1 || v === pictures.values[i]).toBe(true));
    const partly = Array.from({ length: gone.length / 3 }, (_, p) => gone.slice(3 * p, 3 * p + 3).join(''));
    expect(new Set(partly).size).toBe(8);
  });
});

describe.each([
  ['normal noise', gaussianNoise(0.3)],
  ['masking noise', maskingNoise(0.5)],
])('%s', (_, transform) => {
  it('depends on a picture’s own key alone, and changes no picture that it was given', () => {
    const before = pictures.values.slice();
    const all = transform(pictures, keys).values;
    expect(pictures.values).toEqual(before);
    const size = 32 * 32 * 3;
    const third = { ...pictures, values: pictures.values.slice(2 * size, 3 * size) };
    expect(transform(third, keys.slice(2, 3)).values).toEqual(all.slice(2 * size, 3 * size));
    expect(transform(third, keys.slice(3, 4)).values).not.toEqual(all.slice(2 * size, 3 * size));
  });
});
