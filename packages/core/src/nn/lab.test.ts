import { describe, expect, it } from 'vitest';
import { decodeGamma, encodeGamma, greyOf, labOf, rgbOf, type Rgb } from './lab.ts';

describe('CIE Lab', () => {
  it.each<[string, Rgb, [number, number, number]]>([
    // of sRGB under D65, as Lindbloom's calculator and the tables made with it have them
    ['black', [0, 0, 0], [0, 0, 0]],
    ['white', [255, 255, 255], [100, 0, 0]],
    ['red', [255, 0, 0], [53.2408, 80.0925, 67.2032]],
    ['green', [0, 255, 0], [87.7347, -86.1827, 83.1793]],
    ['blue', [0, 0, 255], [32.297, 79.1875, -107.8602]],
    ['yellow', [255, 255, 0], [97.1393, -21.5537, 94.478]],
    ['cyan', [0, 255, 255], [91.1132, -48.0875, -14.1312]],
    ['magenta', [255, 0, 255], [60.3242, 98.2343, -60.8249]],
    ['middle grey', [128, 128, 128], [53.585, 0, 0]],
  ])('of %s is the published one', (_, rgb, published) => {
    const lab = labOf(rgb.map((v) => v / 255) as Rgb);
    lab.forEach((value, i) => expect(Math.abs(value - (published[i] as number))).toBeLessThan(0.02));
  });

  it('goes back to the same colour, dark ones included', () => {
    for (let i = 0; i < 500; i++) {
      const rgb = [i % 7, i % 11, i % 13].map((v, c) => v / [6, 10, 12][c]! / (i < 250 ? 1 : 40)) as Rgb;
      rgbOf(labOf(rgb)).forEach((value, c) => expect(value).toBeCloseTo(rgb[c] as number, 4));
    }
  });

  it('has the two pieces of sRGB’s gamma, which meet', () => {
    expect(decodeGamma(0.5)).toBeCloseTo(0.21404, 5); // IEC 61966-2-1
    expect(decodeGamma(0.04045)).toBeCloseTo(0.0031308, 6);
    for (const v of [0, 0.01, 0.04, 0.05, 0.3, 1]) expect(encodeGamma(decodeGamma(v))).toBeCloseTo(v, 6);
  });

  it('gives a grey the lightness that it is made of', () => {
    expect(116 * Math.cbrt(0.18) - 16).toBeCloseTo(49.496, 3); // the photographers' 18 % card
    expect(decodeGamma(greyOf(49.496))).toBeCloseTo(0.18, 4);
    for (const L of [0, 3, 20, 60, 100]) {
      const grey = greyOf(L);
      const [lightness, a, b] = labOf([grey, grey, grey]);
      expect(lightness).toBeCloseTo(L, 3);
      expect(Math.hypot(a, b)).toBeLessThan(0.01);
    }
  });
});
