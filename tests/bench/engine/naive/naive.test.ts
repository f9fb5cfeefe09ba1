import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MaeConfig } from '@murmur/core/models/config';
import { patchCount, patchWidth } from '@murmur/core/models/config';
import { maskedAutoencoder } from '@murmur/core/models/maskedAutoencoder';
import { initialParams, maeSchema } from '@murmur/core/models/parameters';
import { maePreset } from '@murmur/core/models/presets';
import { maskFromNoise } from '@murmur/core/nn/masking';
import { fold, key, normal, uniform } from '@murmur/core/random/key';
import { liveTensors, startBackend } from '@murmur/core/tensor/backend';
import { lossAndGradients } from '@murmur/core/tensor/parameters';
import { schemaSize, unflatten } from '@murmur/core/tensor/params';
import { nodeWasmPath } from '../../../reference/wasmPath.ts';
import { naiveMae } from './naiveMae.ts';
import { naiveTraining } from './naiveStep.ts';
import { naiveWeights } from './naiveWeights.ts';

const BATCH = 3;
const seed = key(11);

/** One problem for both: parameters away from their start, so that biases and norms matter too. */
function problemOf(config: MaeConfig) {
  const schema = maeSchema(config);
  const nudges = normal(fold(seed, 'nudges'), schemaSize(schema));
  const params = initialParams(config, fold(seed, 'params')).map((p, i) => p + 0.05 * (nudges[i] as number));
  const patches = normal(fold(seed, 'patches'), BATCH * patchCount(config) * patchWidth(config));
  const noise = uniform(fold(seed, 'noise'), BATCH * patchCount(config));
  return { schema, params, patches, masking: maskFromNoise(noise, patchCount(config), config.maskRatio) };
}

/** Largest difference, relative to the largest value. */
function distance(got: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
  return got.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number)) / largest),
    0,
  );
}

function naiveGradients(config: MaeConfig, { schema, params, patches, masking }: Problem) {
  const gradients = new Map<string, Float32Array>();
  let loss = NaN;
  tf.tidy(() => {
    const weights = naiveWeights(schema, params);
    const of = () => naiveMae(config, weights, patches, masking);
    const { value, grads } = tf.engine().gradients(of, Object.values(weights));
    Object.keys(weights).forEach((name, i) => gradients.set(name, grads[i]?.dataSync() as Float32Array));
    loss = value.dataSync()[0] as number;
  });
  return { loss, gradients };
}

type Problem = ReturnType<typeof problemOf>;

describe('the masked autoencoder as tfjs comes', () => {
  beforeAll(() => startBackend({ backend: 'wasm', wasmPath: nodeWasmPath() }));

  it.each([
    ['nano', 8, 3],
    ['tiny', 16, 1],
  ] as const)('has the loss and gradients of ours: %s, side %i, %i channels', (preset, side, channels) => {
    const config = maePreset(preset, { imageSize: side, patchSize: 4, numChannels: channels });
    const problem = problemOf(config);
    const { schema, params, patches, masking } = problem;
    const ours = lossAndGradients(
      schema,
      params,
      (weights) => maskedAutoencoder(config, weights, patches, masking).loss,
    );
    const { loss, gradients } = naiveGradients(config, problem);
    expect(Math.abs(loss - ours.loss)).toBeLessThan(1e-5 * ours.loss);
    // the same turn of the kernels that the weights got
    const turned = Object.entries(naiveWeights(schema, ours.grads)).map(
      ([name, tensor]) => [name, tensor.dataSync() as Float32Array] as const,
    );
    expect(turned.map(([name]) => name)).toEqual([...unflatten(schema, ours.grads).keys()]);
    for (const [name, expected] of turned) {
      const got = gradients.get(name) as Float32Array;
      expect(got.length, name).toBe(expected.length);
      expect(distance(got, expected), name).toBeLessThan(1e-4);
    }
  });

  it('learns, and leaves no tensor behind', async () => {
    const config = maePreset('nano', { imageSize: 8, patchSize: 4, numChannels: 1 });
    const step = naiveTraining(config, 4, key(5));
    const first = await step();
    const settled = liveTensors();
    let last = first;
    for (let i = 0; i < 10; i++) last = await step();
    expect(last).toBeLessThan(first);
    expect(liveTensors()).toBe(settled);
  });
});
