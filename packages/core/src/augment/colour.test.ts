/** Each adjustment against a transcription of torchvision 0.15, `transforms/_functional_tensor.py`, pixel by pixel. */
import { describe, expect, it } from 'vitest';
import { key, uniform, uniformStream } from '../random/key.ts';
import { chiSquare, distance, keysOf, ksDistance, noisyPictures } from './augment.fixture.ts';
import { adjustBrightness } from './brightness.ts';
import { colorJitter, drawAdjustments } from './colorJitter.ts';
import { adjustContrast } from './contrast.ts';
import { removeColour } from './greyscale.ts';
import { adjustHue } from './hue.ts';
import { adjustSaturation } from './saturation.ts';

type Pixel = readonly [number, number, number];

const picture = (): Float32Array => uniform(key(5), 3 * 400);
const pixelsOf = (values: Float32Array): Pixel[] =>
  Array.from({ length: values.length / 3 }, (_, i) => [
    values[3 * i]!,
    values[3 * i + 1]!,
    values[3 * i + 2]!,
  ]);

const clamp = (v: number): number => Math.min(1, Math.max(0, v));
const grey = ([r, g, b]: Pixel): number => 0.2989 * r + 0.587 * g + 0.114 * b;
/** `_blend` */
const blend = (a: number, b: number, ratio: number): number => clamp(ratio * a + (1 - ratio) * b);

/** `_rgb2hsv` */
function toHsv([r, g, b]: Pixel): Pixel {
  const [maxc, minc] = [Math.max(r, g, b), Math.min(r, g, b)];
  const cr = maxc - minc;
  const s = cr / (maxc === minc ? 1 : maxc);
  const divisor = maxc === minc ? 1 : cr;
  const [rc, gc, bc] = [(maxc - r) / divisor, (maxc - g) / divisor, (maxc - b) / divisor];
  const hr = maxc === r ? bc - gc : 0;
  const hg = maxc === g && maxc !== r ? 2 + rc - bc : 0;
  const hb = maxc !== g && maxc !== r ? 4 + gc - rc : 0;
  return [((hr + hg + hb) / 6 + 1) % 1, s, maxc];
}

/** `_hsv2rgb` */
function toRgb([h, s, v]: Pixel): Pixel {
  const i = Math.floor(h * 6);
  const f = h * 6 - i;
  const p = clamp(v * (1 - s));
  const q = clamp(v * (1 - s * f));
  const t = clamp(v * (1 - s * (1 - f)));
  const sixths: Pixel[] = [[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]]; // prettier-ignore
  return sixths[i % 6]!;
}

/** `adjust_brightness`, `adjust_contrast`, `adjust_saturation`, `adjust_hue` */
const published = {
  brightness: (pixels: Pixel[], factor: number) => pixels.map((p) => p.map((v) => blend(v, 0, factor))),
  contrast: (pixels: Pixel[], factor: number) => {
    const mean = pixels.reduce((sum, p) => sum + grey(p), 0) / pixels.length;
    return pixels.map((p) => p.map((v) => blend(v, mean, factor)));
  },
  saturation: (pixels: Pixel[], factor: number) => pixels.map((p) => p.map((v) => blend(v, grey(p), factor))),
  hue: (pixels: Pixel[], factor: number) =>
    pixels.map((p) => {
      const [h, s, v] = toHsv(p);
      return toRgb([(((h + factor) % 1) + 1) % 1, s, v]);
    }),
};

const ours = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
};

const names = ['brightness', 'contrast', 'saturation', 'hue'] as const;

describe.each(['brightness', 'contrast', 'saturation'] as const)('%s', (name) => {
  it.each([0, 0.6, 1, 1.4, 1.8])('is torchvision’s at factor %f', (factor) => {
    const changed = picture();
    ours[name](changed, factor);
    expect(distance(changed, published[name](pixelsOf(picture()), factor).flat())).toBeLessThan(2e-6);
  });

  it('changes nothing at factor 1', () => {
    const changed = picture();
    ours[name](changed, 1);
    expect(distance(changed, picture())).toBeLessThan(1e-7);
  });
});

describe('hue', () => {
  it.each([-0.5, -0.1, 0.05, 0.2, 0.5])('is torchvision’s at %f of a turn', (turns) => {
    const changed = picture();
    adjustHue(changed, turns);
    expect(distance(changed, published.hue(pixelsOf(picture()), turns).flat())).toBeLessThan(2e-6);
  });

  it.each([0, 1, -1, 3])('comes back after %i turns', (turns) => {
    const changed = picture();
    adjustHue(changed, turns);
    expect(distance(changed, picture())).toBeLessThan(1e-6);
  });

  it('turns red into green into blue, and leaves grey', () => {
    const changed = Float32Array.of(1, 0, 0, 0.25, 0.5, 0.25, 0.3, 0.3, 0.3);
    adjustHue(changed, 1 / 3);
    expect(distance(changed, [0, 1, 0, 0.25, 0.25, 0.5, 0.3, 0.3, 0.3])).toBeLessThan(1e-6);
  });
});

describe('greyscale', () => {
  it('is the weighted mean, and the same when repeated', () => {
    const once = picture();
    removeColour(once);
    expect(
      distance(
        once,
        pixelsOf(picture()).flatMap((p) => [grey(p), grey(p), grey(p)]),
      ),
    ).toBeLessThan(1e-6);
    const twice = once.slice();
    removeColour(twice);
    expect(distance(once, twice)).toBeLessThan(1e-4); // the published weights sum to 0.9999
  });
});

describe('colour jitter', () => {
  const options = { probability: 1, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
  const before = noisyPictures(200, 4, 3);

  it('takes every order of the four alike, and amounts over their whole ranges', () => {
    const drawn = keysOf(2400).map((k) => drawAdjustments(uniformStream(k), options));
    const orders = new Map<string, number>();
    for (const some of drawn) {
      const order = some.map(([adjust]) => adjust.name).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquare([...orders.values()])).toBeLessThan(49.7); // 23 degrees of freedom: one seed in a thousand is beyond
    const amounts = (of: unknown) => drawn.map((some) => some.find(([adjust]) => adjust === of)![1]);
    for (const [of, low, high] of [
      [adjustBrightness, 0.6, 1.4],
      [adjustContrast, 0.6, 1.4],
      [adjustSaturation, 0.6, 1.4],
      [adjustHue, -0.1, 0.1],
    ] as const) {
      const uniform = (amount: number) => (amount - low) / (high - low);
      expect(ksDistance(amounts(of), uniform)).toBeLessThan(1.95 / Math.sqrt(drawn.length)); // one in a thousand
      expect(Math.min(...amounts(of))).toBeGreaterThanOrEqual(low);
      expect(Math.min(...amounts(of))).toBeLessThan(low + 0.01 * (high - low));
      expect(Math.max(...amounts(of))).toBeLessThanOrEqual(high);
      expect(Math.max(...amounts(of))).toBeGreaterThan(high - 0.01 * (high - low));
    }
  });

  it('gives each picture a factor of its own', () => {
    const none = { probability: 1, brightness: 0, contrast: 0.8, saturation: 0, hue: 0 };
    const after = colorJitter(none)(before, keysOf(200));
    const factors = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const [old, made] = [
        before.values.subarray(i * 48, i * 48 + 48),
        after.values.subarray(i * 48, i * 48 + 48),
      ];
      const mean = pixelsOf(old).reduce((sum, p) => sum + grey(p), 0) / 16;
      const inside = old.findIndex((v, k) => Math.abs(v - mean) > 0.2 && made[k]! > 0 && made[k]! < 1);
      const factor = (made[inside]! - mean) / (old[inside]! - mean);
      factors.add(factor.toFixed(3));
      expect(factor).toBeGreaterThan(0.2 - 1e-4);
      expect(factor).toBeLessThan(1.8 + 1e-4);
      expect(distance(made, published.contrast(pixelsOf(old), factor).flat())).toBeLessThan(1e-4);
    }
    expect(factors.size).toBeGreaterThan(150);
  });

  it('leaves the share of pictures alone that its probability says, and never its input', () => {
    const copy = before.values.slice();
    const after = colorJitter({ ...options, probability: 0.8 })(before, keysOf(200));
    expect(before.values).toEqual(copy);
    const same = Array.from({ length: 200 }, (_, i) =>
      distance(before.values.subarray(i * 48, i * 48 + 48), after.values.subarray(i * 48, i * 48 + 48)),
    ).filter((d) => d === 0).length;
    expect(same).toBeGreaterThan(25);
    expect(same).toBeLessThan(56);
    expect(after.values.every((v) => v >= 0 && v <= 1)).toBe(true);
  });

  it('applies what it draws, in the order drawn', () => {
    const after = colorJitter(options)(before, keysOf(200));
    keysOf(200).forEach((k, i) => {
      const next = uniformStream(k);
      next(); // whether it is jittered at all
      let expected = pixelsOf(before.values.subarray(i * 48, i * 48 + 48));
      for (const [adjust, amount] of drawAdjustments(next, options)) {
        const name = names.find((each) => ours[each] === adjust)!;
        expected = published[name](expected, amount) as unknown as Pixel[];
      }
      expect(distance(after.values.subarray(i * 48, i * 48 + 48), expected.flat())).toBeLessThan(1e-5);
    });
  });

  it('does nothing at strength zero', () => {
    const none = { probability: 1, brightness: 0, contrast: 0, saturation: 0, hue: 0 };
    expect(distance(colorJitter(none)(before, keysOf(200)).values, before.values)).toBeLessThan(1e-6);
  });
});
