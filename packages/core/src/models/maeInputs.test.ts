import { describe, expect, it } from 'vitest';
import { key, normal } from '../random/key.ts';
import { patchStatistics, targetOf } from './maeInputs.ts';
import { maeConfig } from './config.ts';

const configOf = (normPixLoss: boolean) =>
  maeConfig.parse({
    imageSize: 6,
    patchSize: 2,
    numChannels: 3,
    hiddenSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 12,
    decoderHiddenSize: 4,
    decoderNumHiddenLayers: 1,
    decoderNumAttentionHeads: 1,
    decoderIntermediateSize: 8,
    maskRatio: 0.6,
    normPixLoss,
    layerNormEps: 1e-6,
    qkvBias: true,
  });
const WIDTH = 2 * 2 * 3;

/** `forward_loss` of He et al.'s published code: `(target - mean) / (var + 1.e-6)**.5`, with PyTorch's unbiased `var`. */
function published(patch: readonly number[]): number[] {
  const mean = patch.reduce((a, b) => a + b) / patch.length;
  const variance = patch.reduce((total, v) => total + (v - mean) ** 2, 0) / (patch.length - 1);
  return patch.map((v) => (v - mean) / (variance + 1e-6) ** 0.5);
}

describe('the target of the decoder', () => {
  const patches = normal(key(5), 9 * WIDTH).map((value, i) => 3 * value + i / 20);

  it('is each patch normalised as in the published code', () => {
    const expected = Array.from({ length: 9 }, (_, n) =>
      published([...patches.subarray(n * WIDTH, (n + 1) * WIDTH)]),
    ).flat();
    const target = targetOf(configOf(true), patches);
    expected.forEach((value, i) => expect(target[i]).toBeCloseTo(value, 5));
  });

  it('is the patches themselves where they are not to be normalised', () => {
    expect(targetOf(configOf(false), patches)).toBe(patches);
  });

  it('is zero for a patch of one colour', () => {
    expect([...targetOf(configOf(true), new Float32Array(WIDTH).fill(0.5))]).toEqual(Array(WIDTH).fill(0));
    expect(patchStatistics(new Float32Array(WIDTH).fill(0.5))).toEqual({
      mean: 0.5,
      deviation: Math.sqrt(1e-6),
    });
  });
});
