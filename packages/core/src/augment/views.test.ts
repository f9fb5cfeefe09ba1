import { describe, expect, it } from 'vitest';
import { key, split } from '../random/key.ts';
import { distance, noisyPictures } from './augment.fixture.ts';
import { colorJitter } from './colorJitter.ts';
import { gaussianBlur } from './gaussianBlur.ts';
import { randomGreyscale } from './greyscale.ts';
import { horizontalFlip } from './horizontalFlip.ts';
import { compose } from './pictures.ts';
import { randomResizedCrop } from './randomResizedCrop.ts';
import { solarize } from './solarize.ts';
import { twoViews, type ViewOptions } from './views.ts';

const options = (over: Partial<ViewOptions> = {}): ViewOptions => ({
  recipe: 'simclr',
  side: 16,
  channels: 3,
  cropScale: 0.2,
  colorStrength: 0.5,
  ...over,
});

const colourful = (values: Float32Array): boolean =>
  values.some((v, i) => i % 3 > 0 && Math.abs(v - values[i - 1]!) > 1e-6);

const cut = [randomResizedCrop({ scale: [0.08, 1], ratio: [3 / 4, 4 / 3] }), horizontalFlip(0.5)];
const bell = (probability: number) => gaussianBlur({ probability, sigma: [0.1, 2] });

/** Chen et al. 2020, appendix A, with s = 1; Grill et al. 2020, appendix B, table 6. */
const simclrColour = [
  colorJitter({ probability: 0.8, brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 }),
  randomGreyscale(0.2),
];
const byolColour = [
  colorJitter({ probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }),
  randomGreyscale(0.2),
];
const published = {
  simclr: [
    [...cut, ...simclrColour, bell(0.5)],
    [...cut, ...simclrColour, bell(0.5)],
  ],
  byol: [
    [...cut, ...byolColour, bell(1)],
    [...cut, ...byolColour, bell(0.1), solarize(0.2)],
  ],
};

describe.each(['simclr', 'byol'] as const)('two views by the recipe of %s', (recipe) => {
  it('are the same for the same key, others for another, and not each other', () => {
    const { values } = noisyPictures(6, 16, 3);
    const [one, two] = twoViews(values, options({ recipe }), key(1));
    expect(twoViews(values, options({ recipe }), key(1))).toEqual([one, two]);
    expect(distance(one, two)).toBeGreaterThan(0.1);
    expect(distance(one, twoViews(values, options({ recipe }), key(2))[0])).toBeGreaterThan(0.1);
    expect([...one, ...two].every((v) => v >= 0 && v <= 1)).toBe(true);
  });

  it('of a picture do not depend on what else is in the batch', () => {
    const { values } = noisyPictures(6, 16, 3);
    const [one, two] = twoViews(values, options({ recipe }), key(1));
    const others = noisyPictures(6, 16, 3, 77).values;
    others.set(values.subarray(0, 2 * 768));
    const among = twoViews(others.subarray(0, 4 * 768), options({ recipe }), key(1));
    expect(among[0].subarray(0, 2 * 768)).toEqual(one.subarray(0, 2 * 768));
    expect(among[1].subarray(0, 2 * 768)).toEqual(two.subarray(0, 2 * 768));
  });

  it('of a grey picture have no colour operation: its strength does not matter', () => {
    const { values } = noisyPictures(12, 16, 1);
    const at = (colorStrength: number) =>
      twoViews(values, options({ recipe, channels: 1, colorStrength }), key(5));
    expect(at(1)).toEqual(at(0));
    const coloured = noisyPictures(12, 16, 3).values;
    const inColour = (colorStrength: number) =>
      twoViews(coloured, options({ recipe, colorStrength }), key(5))[0];
    expect(distance(inColour(1), inColour(0))).toBeGreaterThan(0.1);
  });

  it('are composed as published', () => {
    const { values } = noisyPictures(6, 64, 3);
    const made = twoViews(values, options({ recipe, side: 64, cropScale: 0.08, colorStrength: 1 }), key(6));
    const keys = split(key(6), 6).map((each) => split(each, 2));
    published[recipe].forEach((transforms, view) => {
      const expected = compose(transforms)(
        { side: 64, channels: 3, values },
        keys.map((pair) => pair[view]!),
      );
      expect(made[view]).toEqual(expected.values);
    });
  });

  it('of a grey picture are cut, turned and solarised only', () => {
    const flat = new Float32Array(200 * 256).fill(0.8);
    const views = twoViews(flat, options({ recipe, channels: 1, colorStrength: 1 }), key(1));
    const seen = (view: Float32Array) => [...new Set(Array.from(view, (v) => v.toFixed(4)))].sort();
    expect(seen(views[0])).toEqual(['0.8000']);
    expect(seen(views[1])).toEqual(recipe === 'byol' ? ['0.2000', '0.8000'] : ['0.8000']);
  });
});

describe('the published shares', () => {
  it('a fifth of the views is grey, and a fifth is not jittered', () => {
    const values = noisyPictures(1, 1, 3).values;
    const flat = new Float32Array(500 * 192).map((_, i) => values[i % 3]!); // one colour: only colour can change
    const [one] = twoViews(flat, options({ side: 8 }), key(3));
    const pictures = Array.from({ length: 500 }, (_, i) => one.subarray(i * 192, i * 192 + 192));
    const grey = pictures.filter((view) => !colourful(view)).length / 500;
    const untouched = pictures.filter((view) => distance(view.subarray(0, 3), values) < 1e-6).length / 500;
    expect(grey).toBeCloseTo(0.2, 1);
    expect(untouched).toBeCloseTo(0.2 * 0.8, 1);
  });

  it('only large pictures are blurred', () => {
    const rough = (side: number) => {
      const { values } = noisyPictures(16, side, 1);
      const whole = options({ side, channels: 1, cropScale: 1 });
      const [one] = twoViews(values, whole, key(4));
      const unchanged = Array.from({ length: 16 }, (_, i) => i).filter((i) => {
        const size = side * side;
        const [old, made] = [values, one].map((v) => v.subarray(i * size, i * size + size));
        return Math.abs(old!.reduce((a, b) => a + b * b, 0) - made!.reduce((a, b) => a + b * b, 0)) < 1e-2;
      });
      return unchanged.length;
    };
    expect(rough(32)).toBe(16);
    expect(rough(64)).toBeLessThan(14);
  });
});
