import { beforeAll, describe, expect, it } from 'vitest';
import { colorInputs } from '../models/colorInputs.ts';
import { colorizeSpec } from '../models/modelSpec.ts';
import { firstParams } from '../models/parameters.ts';
import { labOf, type Rgb } from '../nn/lab.ts';
import type { Weights } from '../nn/weights.ts';
import { key } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { unflatten } from '../tensor/params.ts';
import { createLocalModel } from '../train/localModel.ts';
import { SIDE, smallModel, smallSpec, twoColours } from './objective.fixture.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const spec = colorizeSpec.parse(smallSpec('colorize'));
const { objective, params, at } = smallModel(spec);
const { pictures } = twoColours(3);
const pixel = (of: Uint8Array, i: number): Rgb =>
  [...of.subarray(3 * i, 3 * i + 3)].map((v) => v / 255) as Rgb;
const rgb = (picture: number, row: number, column: number): Rgb =>
  pixel(pictures, (picture * SIDE + row) * SIDE + column);
const KERNEL = 'vit.embeddings.patch_embeddings.projection.weight';

/** The kernels of red, green and blue, one after the other. */
function kernels(values: Float32Array): number[][] {
  const all = unflatten(objective.schema, values).get(KERNEL) ?? new Float32Array();
  const [area, channels] = [spec.config.patchSize ** 2, 3];
  return [0, 1, 2].map((c) => [...all].filter((_, i) => Math.floor(i / area) % channels === c));
}

describe('what a colorizer is shown and asked', () => {
  it('is the grey of the same lightness, and the mean colour of each cell', () => {
    const { lightness, grey, cellColours } = colorInputs(spec.config, pictures);
    for (let i = 0; i < lightness.length; i++) {
      const [L] = labOf(pixel(pictures, i));
      expect(lightness[i]).toBeCloseTo(L, 3);
      expect(labOf([...grey.slice(3 * i, 3 * i + 3)] as Rgb)[0]).toBeCloseTo(L, 3);
    }
    // picture 1, patch 3 (rows and columns 4 … 7), cell 2 (rows 6 and 7, columns 4 and 5)
    const cell = (1 * 4 + 3) * 4 + 2;
    const colours = [rgb(1, 6, 4), rgb(1, 6, 5), rgb(1, 7, 4), rgb(1, 7, 5)].map(labOf);
    for (const axis of [1, 2])
      expect(cellColours[2 * cell + axis - 1]).toBeCloseTo(
        colours.reduce((m, lab) => m + lab[axis]! / 4, 0),
        3,
      );
  });

  it('averages over a cell whose pixels differ', () => {
    const mixed = new Uint8Array(SIDE * SIDE * 3);
    mixed.set([255, 0, 0], 0);
    const { cellColours } = colorInputs(spec.config, mixed);
    expect(cellColours[0]).toBeCloseTo(80.0925 / 4, 1);
    expect(cellColours[1]).toBeCloseTo(67.2032 / 4, 1);
    expect(cellColours.slice(2).every((v) => Math.abs(v) < 1e-3)).toBe(true);
  });
});

describe('colorize', () => {
  it('starts near even chances for all colours', () => {
    const classes = unflatten(objective.schema, params).get('colorize.classifier.bias')?.length ?? 0;
    const { loss } = at(firstParams(spec, key(1)), { pictures });
    expect(Math.abs(loss - Math.log(classes / 4))).toBeLessThan(0.3);
  });

  it('shows the grey pictures, and paints them without changing how light they are', async () => {
    const { masked, predicted } = await objective.preview(params, pictures, key(1));
    for (let i = 0; i < masked.length / 3; i++) {
      const [red, green, blue] = pixel(masked, i);
      expect(red === green && green === blue).toBe(true);
      expect(labOf([red, green, blue])[0]).toBeCloseTo(labOf(pixel(pictures, i))[0], 0);
    }
    expect(predicted).not.toEqual(masked);
  });

  it('paints the colours back that it has learned', async () => {
    const model = createLocalModel(objective.schema);
    model.load(firstParams(spec, key(1)));
    const loss = (weights: Weights) => objective.loss(weights, { pictures }, key(1));
    for (let step = 0; step < 150; step++) await model.step(loss, { optimizer: 'adamw', learningRate: 1e-2 });
    const learned = await model.read();
    model.dispose();
    const { predicted } = await objective.preview(learned, pictures, key(1));
    const off =
      predicted.reduce((sum, v, i) => sum + Math.abs(v - (pictures[i] as number)), 0) / predicted.length;
    expect(off).toBeLessThan(20); // of 255; squares of the ab plane are 20 wide
  });

  it('keeps the kernels of the channels alike, so that a picture in colour counts as the mean of its channels', async () => {
    expect(new Set(spec.mean).size).toBe(1);
    const model = createLocalModel(objective.schema);
    model.load(firstParams(spec, key(1)));
    const loss = (weights: Weights) => objective.loss(weights, { pictures }, key(1));
    for (let step = 0; step < 5; step++) await model.step(loss, { optimizer: 'adamw', learningRate: 1e-2 });
    const learned = await model.read();
    model.dispose();
    const [red = [], green = [], blue = []] = kernels(learned);
    expect(red).not.toEqual(kernels(firstParams(spec, key(1)))[0]);
    red.forEach((value, i) => {
      expect(green[i]).toBeCloseTo(value, 5);
      expect(blue[i]).toBeCloseTo(value, 5);
    });
    const colour = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => [30, 90, 240][i % 3]!);
    const grey = new Uint8Array(SIDE * SIDE * 3).fill(120);
    const [one, other] = [colour, grey].map((some) => objective.encode(learned, some, 1));
    one?.forEach((value, i) => expect(value).toBeCloseTo(other?.[i] ?? NaN, 4));
  });

  it('learns no colour from grey pictures', () => {
    const grey = { ...smallSpec('mae').config, numChannels: 1, cellsPerSide: 2, abStep: 20 };
    const of = { objective: 'colorize', preset: 'nano', config: grey, mean: [0.5], std: [0.2] };
    expect(() => colorizeSpec.parse(of)).toThrow(
      'numChannels 1 must be 3: colours are learned from RGB pictures',
    );
  });
});
