import { describe, expect, it } from 'vitest';
import { key, uniformStream } from '../random/key.ts';
import { distance, keysOf, ksDistance, noisyPictures } from './augment.fixture.ts';
import { blur, blurRadius, gaussianBlur, gaussianKernel } from './gaussianBlur.ts';
import { flip, horizontalFlip } from './horizontalFlip.ts';
import { randomBox, randomResizedCrop, resizedCrops, type Box } from './randomResizedCrop.ts';
import { invertBright, solarize } from './solarize.ts';

/** Bilinear resizing as `torch.nn.functional.interpolate(…, align_corners=False)` documents it, one value at a time. */
function slowCrop(values: Float32Array, [side, channels]: [number, number], box: Box): number[] {
  const cut = (x: number, y: number, c: number) =>
    values[
      ((box.top + Math.min(y, box.height - 1)) * side + box.left + Math.min(x, box.width - 1)) * channels + c
    ]!;
  const out: number[] = [];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < channels; c++) {
        const sx = Math.max(0, ((x + 0.5) * box.width) / side - 0.5);
        const sy = Math.max(0, ((y + 0.5) * box.height) / side - 0.5);
        const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
        const [u, v] = [sx - x0, sy - y0];
        const top = (1 - u) * cut(x0, y0, c) + u * cut(x0 + 1, y0, c);
        out.push((1 - v) * top + v * ((1 - u) * cut(x0, y0 + 1, c) + u * cut(x0 + 1, y0 + 1, c)));
      }
  return out;
}

describe('random resized crop', () => {
  it('of the whole picture changes nothing', () => {
    const pictures = noisyPictures(3, 9, 3);
    const whole = Array.from({ length: 3 }, () => ({ left: 0, top: 0, width: 9, height: 9 }));
    expect(distance(resizedCrops(pictures, whole).values, pictures.values)).toBeLessThan(1e-7);
    const always = randomResizedCrop({ scale: [1, 1], ratio: [1, 1] })(pictures, keysOf(3));
    expect(distance(always.values, pictures.values)).toBeLessThan(1e-7);
  });

  it.each<[number, Box]>([
    [3, { left: 2, top: 0, width: 5, height: 3 }],
    [1, { left: 0, top: 7, width: 1, height: 2 }],
    [3, { left: 8, top: 8, width: 1, height: 1 }],
    [2, { left: 1, top: 1, width: 8, height: 7 }],
  ])('is bilinear over %i channels and the box %j', (channels, box) => {
    const pictures = noisyPictures(2, 9, channels);
    const size = 81 * channels;
    const made = resizedCrops(pictures, [box, box]).values;
    for (const i of [0, 1]) {
      const expected = slowCrop(pictures.values.subarray(i * size, (i + 1) * size), [9, channels], box);
      expect(distance(made.subarray(i * size, (i + 1) * size), expected)).toBeLessThan(1e-6);
    }
  });

  it('draws boxes inside the picture, of the areas and shapes asked for, everywhere', () => {
    const next = uniformStream(key(8));
    const boxes = Array.from({ length: 3000 }, () =>
      randomBox(next, 32, { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] }),
    );
    for (const { left, top, width, height } of boxes) {
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(left + width, top + height)).toBeLessThanOrEqual(32);
      expect((width * height) / 1024).toBeGreaterThan(0.18); // whole pixels round
      expect(width / height).toBeGreaterThan(0.7);
      expect(width / height).toBeLessThan(1.43);
    }
    const share = (test: (box: Box) => boolean) => boxes.filter(test).length / boxes.length;
    expect(share(({ width, height }) => (width * height) / 1024 < 0.4)).toBeCloseTo(0.26, 1);
    expect(share(({ width, height }) => width > height)).toBeCloseTo(
      share(({ width, height }) => width < height),
      1,
    );
    expect(share(({ left, width }) => left > (32 - width) / 2)).toBeGreaterThan(0.35);
    expect(share(({ top }) => top === 0)).toBeGreaterThan(0.02);
  });

  it('draws the area evenly, the aspect evenly in its logarithm, and the place evenly among those that fit', () => {
    const next = uniformStream(key(9));
    const side = 4000; // so that whole pixels do not matter, and below half of the area every box fits
    const boxes = Array.from({ length: 4000 }, () =>
      randomBox(next, side, { scale: [0.1, 0.5], ratio: [3 / 4, 4 / 3] }),
    );
    const limit = 1.95 / Math.sqrt(boxes.length); // one seed in a thousand is beyond
    const seen = (of: (box: Box) => number) => boxes.map(of);
    const areas = seen(({ width, height }) => (width * height) / side ** 2);
    expect(ksDistance(areas, (area) => (area - 0.1) / 0.4)).toBeLessThan(limit);
    const aspects = seen(({ width, height }) => Math.log(width / height) / Math.log(4 / 3));
    expect(ksDistance(aspects, (aspect) => (aspect + 1) / 2)).toBeLessThan(limit);
    for (const place of [
      seen(({ left, width }) => left / (side - width)),
      seen(({ top, height }) => top / (side - height)),
    ])
      expect(ksDistance(place, (at) => at)).toBeLessThan(limit);
  });

  it('takes the whole picture where ten boxes in a row do not fit', () => {
    const whole = { left: 0, top: 0, width: 10, height: 10 };
    expect(randomBox(uniformStream(key(1)), 10, { scale: [1, 1], ratio: [2, 3] })).toEqual(whole);
    let drawn = 0;
    const counted = () => (drawn++, 0.5);
    expect(randomBox(counted, 10, { scale: [4, 4], ratio: [1, 1] })).toEqual(whole);
    expect(drawn).toBe(20); // an area and an aspect a try
  });
});

describe('horizontal flip', () => {
  it('turns rows around, and twice comes back', () => {
    const picture = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    flip(picture, 3, 1);
    expect([...picture]).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7]);
    const pictures = noisyPictures(5, 6, 3);
    const always = horizontalFlip(1);
    const once = always(pictures, keysOf(5));
    expect([...once.values.subarray(0, 3)]).toEqual([...pictures.values.subarray(15, 18)]);
    expect(always(once, keysOf(5, 9)).values).toEqual(pictures.values);
    expect(horizontalFlip(0)(pictures, keysOf(5)).values).toEqual(pictures.values);
  });
});

/** `torch.nn.functional.conv2d` of the picture padded by `reflect`, with the outer product of the kernel with itself. */
function slowBlur(
  values: Float32Array,
  [side, channels]: readonly [number, number],
  kernel: Float32Array,
): number[] {
  const radius = (kernel.length - 1) / 2;
  const reflect = (at: number) => (at < 0 ? -at : at >= side ? 2 * (side - 1) - at : at);
  return Array.from(values, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side)];
    let sum = 0;
    for (let v = -radius; v <= radius; v++)
      for (let u = -radius; u <= radius; u++) {
        const pixel = values[(reflect(y + v) * side + reflect(x + u)) * channels + c]!;
        sum += kernel[v + radius]! * kernel[u + radius]! * pixel;
      }
    return sum;
  });
}

describe('Gaussian blur', () => {
  it.each([
    [0, 0.5],
    [1, 0.1],
    [2, 1.3],
    [4, 2],
  ])('of radius %i and deviation %f has weights of one in all, as a bell', (radius, sigma) => {
    const kernel = gaussianKernel(radius, sigma);
    expect(kernel.length).toBe(2 * radius + 1);
    expect(kernel.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    kernel.forEach((weight, i) => {
      expect(weight).toBe(kernel[kernel.length - 1 - i]);
      const bell = Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2));
      expect(weight / kernel[radius]!).toBeCloseTo(bell, 6);
    });
  });

  it.each([
    [5, 1, 1],
    [7, 3, 3],
    [16, 3, 2],
  ])('is a convolution in two dimensions: side %i, %i channels, radius %i', (side, channels, radius) => {
    const { values } = noisyPictures(1, side, channels);
    const kernel = gaussianKernel(radius, 1.1);
    const expected = slowBlur(values, [side, channels], kernel);
    const made = values.slice();
    blur(made, [side, channels], kernel);
    expect(distance(made, expected)).toBeLessThan(1e-6);
  });

  it('keeps a constant picture, and the mean of any whose edges are alike', () => {
    const flat = new Float32Array(20 * 20 * 3).fill(0.3);
    blur(flat, [20, 3], gaussianKernel(2, 1.3));
    expect(distance(flat, new Float32Array(flat.length).fill(0.3))).toBeLessThan(1e-6);
  });

  it('spreads a point by the product of two bells', () => {
    const point = new Float32Array(11 * 11);
    point[5 * 11 + 5] = 1;
    const kernel = gaussianKernel(2, 0.8);
    blur(point, [11, 1], kernel);
    const bell = (d: number) => (Math.abs(d) > 2 ? 0 : Math.exp(-(d * d) / (2 * 0.64)));
    const total = [-2, -1, 0, 1, 2].reduce((sum, d) => sum + bell(d), 0);
    const expected = Array.from(
      point,
      (_, i) => (bell((i % 11) - 5) * bell(Math.floor(i / 11) - 5)) / total ** 2,
    );
    expect(distance(point, expected)).toBeLessThan(1e-6);
  });

  it('mirrors at the edges without repeating them, as torch’s reflect padding does', () => {
    const picture = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0); // columns 1 0 0 0
    const kernel = Float32Array.of(0.25, 0.5, 0.25);
    blur(picture, [4, 1], kernel);
    expect([...picture.subarray(4, 8)]).toEqual([0.5, 0.25, 0, 0]);
  });

  it('is a tenth of the picture wide and leaves the rest to its probability', () => {
    expect([32, 64, 96, 224].map(blurRadius)).toEqual([1, 3, 4, 11]);
    const pictures = noisyPictures(4, 24, 1);
    expect(gaussianBlur({ probability: 0, sigma: [1, 2] })(pictures, keysOf(4)).values).toEqual(
      pictures.values,
    );
    const roughness = (v: Float32Array) => v.reduce((sum, x, i) => sum + Math.abs(x - (v[i + 1] ?? x)), 0);
    const blurred = gaussianBlur({ probability: 1, sigma: [1, 2] })(pictures, keysOf(4)).values;
    expect(roughness(blurred)).toBeLessThan(0.6 * roughness(pictures.values));
  });
});

describe('solarise', () => {
  it('turns the bright half into its negative', () => {
    const picture = Float32Array.of(0, 0.25, 0.5, 0.75, 1);
    invertBright(picture);
    expect([...picture]).toEqual([0, 0.25, 0.5, 0.25, 0]);
    const pictures = noisyPictures(300, 2, 1);
    const made = solarize(0.2)(pictures, keysOf(300)).values;
    expect(made.every((v, i) => v === pictures.values[i] || v === Math.fround(1 - pictures.values[i]!))).toBe(
      true,
    );
    const changed = made.filter((v, i) => v !== pictures.values[i]).length / made.length;
    expect(changed).toBeCloseTo(0.1, 1);
  });
});
