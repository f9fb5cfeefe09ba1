import { describe, expect, it } from 'vitest';
import { key } from '../random/key.ts';
import { schemaSize, unflatten } from '../tensor/params.ts';
import { maeConfig } from './config.ts';
import { modelSpec, specOf } from './modelSpec.ts';
import { initialParams, maeSchema, positionTables } from './parameters.ts';
import { parameterCount, presetConfig } from './presets.ts';

const picture = { imageSize: 32, patchSize: 4, numChannels: 1 };
const tiny = presetConfig('tiny', picture);

describe('presets', () => {
  it('have about the size that their names promise', () => {
    const counts = (['nano', 'tiny', 'small', 'base'] as const).map((name) =>
      parameterCount(presetConfig(name, picture)),
    );
    expect(counts.map((count) => Math.round(count / 1e5) / 10)).toEqual([0.3, 0.9, 4.9, 22.3]);
  });

  it('count tiny as the PyTorch twin of the benchmark does', () => {
    expect(parameterCount(tiny)).toBe(905104);
  });

  it('refuse sizes that do not fit together, naming them', () => {
    expect(() => presetConfig('tiny', { ...picture, patchSize: 5 })).toThrow(
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
