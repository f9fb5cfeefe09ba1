import { describe, expect, it } from 'vitest';
import { key } from '../random/key.ts';
import { schemaSize, unflatten } from '../tensor/params.ts';
import { maeConfig } from './config.ts';
import { modelSpec, specFor, specOf } from './modelSpec.ts';
import {
  drawParams,
  encoderSchema,
  initialParams,
  maeSchema,
  positionTables,
  schemaOf,
  simclrSchema,
} from './parameters.ts';
import { maePreset, simclrPreset } from './presets.ts';

const picture = { imageSize: 32, patchSize: 4, numChannels: 1 };
const tiny = maePreset('tiny', picture);

describe('presets', () => {
  it('have about the size that their names promise', () => {
    const counts = (['nano', 'tiny', 'small', 'base'] as const).map((name) =>
      schemaSize(maeSchema(maePreset(name, picture))),
    );
    expect(counts.map((count) => Math.round(count / 1e5) / 10)).toEqual([0.3, 0.9, 4.9, 22.3]);
  });

  it('put the same encoder first, whatever is learned', () => {
    const config = simclrPreset('tiny', picture);
    const encoder = encoderSchema(config);
    expect(encoder.every(({ name }) => name.startsWith('vit.'))).toBe(true);
    expect(maeSchema(tiny).slice(0, encoder.length)).toEqual(encoder);
    expect(simclrSchema(config).slice(0, encoder.length)).toEqual(encoder);
    expect(simclrSchema(config).slice(encoder.length)).toEqual([
      { name: 'projection.layers.0.weight', shape: [128, 128] },
      { name: 'projection.layers.0.bias', shape: [128] },
      { name: 'projection.layers.1.weight', shape: [64, 128] },
      { name: 'projection.layers.1.bias', shape: [64] },
    ]);
    const spec = specFor({
      objective: 'simclr',
      preset: 'tiny',
      picture,
      pixels: { mean: [0.3], std: [0.2] },
    });
    const shared = schemaSize(encoder);
    const [one, two] = [initialParams(tiny, key(1)), drawParams(schemaOf(spec), key(1))];
    expect(two.subarray(0, shared)).toEqual(one.subarray(0, shared));
  });

  it('count tiny as the PyTorch twin of the benchmark does', () => {
    expect(schemaSize(maeSchema(tiny))).toBe(905104);
  });

  it('refuse sizes that do not fit together, naming them', () => {
    expect(() => maePreset('tiny', { ...picture, patchSize: 5 })).toThrow(
      'imageSize 32 must be a multiple of patchSize 5',
    );
    expect(maeConfig.safeParse({ ...tiny, numAttentionHeads: 3 }).success).toBe(false);
  });
});

describe('model specification', () => {
  it('survives the wire', () => {
    const spec = specOf('tiny', picture, { mean: [0.3], std: [0.2] });
    expect(modelSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it('is of one of the objectives, each with settings of its own', () => {
    const pixels = { mean: [0.3], std: [0.2] };
    const spec = specFor({
      objective: 'simclr',
      preset: 'tiny',
      picture,
      pixels,
      changes: { temperature: 0.1 },
    });
    expect(modelSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    expect(spec.config).toMatchObject({ temperature: 0.1, hiddenSize: 128, projectionSizes: [128, 64] });
    expect(spec.config).not.toHaveProperty('maskRatio');
    const { success } = modelSpec.safeParse({ ...spec, objective: 'mae' });
    expect(success).toBe(false);
    expect(specFor({ objective: 'mae', preset: 'tiny', picture, pixels })).toEqual(
      specOf('tiny', picture, pixels),
    );
  });

  it('needs statistics for every channel', () => {
    expect(() => specOf('tiny', { ...picture, numChannels: 3 }, { mean: [0.3], std: [0.2] })).toThrow(
      'one number per channel',
    );
  });
});

describe('first parameters', () => {
  const params = initialParams(tiny, key(1));
  const views = unflatten(maeSchema(tiny), params);
  const view = (name: string) => views.get(name) ?? new Float32Array();

  it('are the same for the same key, and others for another', () => {
    const differing = (seed: number) =>
      initialParams(tiny, key(seed)).filter((v, i) => v !== params[i]).length;
    expect(differing(1)).toBe(0);
    expect(differing(2)).toBeGreaterThan(0.9 * params.length);
    expect(params.length).toBe(schemaSize(maeSchema(tiny)));
  });

  it.each([
    ['vit.encoder.layer.0.attention.attention.query.weight', Math.sqrt(6 / (4 * 128))],
    ['vit.encoder.layer.3.intermediate.dense.weight', Math.sqrt(6 / (128 + 512))],
    ['vit.embeddings.patch_embeddings.projection.weight', Math.sqrt(6 / (16 + 128))],
    ['decoder.decoder_pred.weight', Math.sqrt(6 / (64 + 16))],
  ])('%s fill the Xavier range', (name, bound) => {
    const largest = view(name).reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.97 * bound);
    expect(Math.abs(view(name).reduce((a, b) => a + b, 0) / view(name).length)).toBeLessThan(0.1 * bound);
  });

  it('start norms at one, biases at zero and tokens at a deviation of 0.02', () => {
    expect(new Set(view('vit.layernorm.weight'))).toEqual(new Set([1]));
    expect(new Set(view('vit.encoder.layer.1.output.dense.bias'))).toEqual(new Set([0]));
    const token = view('vit.embeddings.cls_token');
    expect(Math.sqrt(token.reduce((sum, v) => sum + v * v, 0) / token.length)).toBeCloseTo(0.02, 2);
  });

  it('leave the position tables to the export', () => {
    expect(positionTables(tiny).map(({ name, shape }) => [name, shape])).toEqual([
      ['vit.embeddings.position_embeddings', [1, 65, 128]],
      ['decoder.decoder_pos_embed', [1, 65, 64]],
    ]);
    expect(maeSchema(tiny).some(({ name }) => name.includes('pos'))).toBe(false);
  });
});
