import { specFor, type ModelSpec } from '../models/modelSpec.ts';
import type { ObjectiveName } from '../models/recipes.ts';
import { drawParams } from '../models/parameters.ts';
import { key, uint32Stream } from '../random/key.ts';
import { lossAndGradients, type LossAndGrads } from '../tensor/parameters.ts';
import type { Batch, Objective } from './objective.ts';
import { objectiveOf } from './registry.ts';

export const SIDE = 8;
const encoder = { hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 12 };

/** A small model of an objective, for RGB pictures of 8 × 8 in patches of 4 × 4. */
export function smallSpec(
  objective: ObjectiveName,
  changes: Readonly<Record<string, unknown>> = {},
): ModelSpec {
  return specFor({
    objective,
    preset: 'nano',
    picture: { imageSize: SIDE, patchSize: 4, numChannels: 3 },
    pixels: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.3] },
    changes: { ...encoder, ...changes },
  });
}

/** Pictures of two colours, one on either side, uint8 `[count, 8, 8, 3]`; the label says whether they are light in the mean. */
export function twoColours(count: number, seed = 4): Required<Batch> {
  const next = uint32Stream(key(seed));
  const pictures = new Uint8Array(count * SIDE * SIDE * 3);
  const labels = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const colours = Uint8Array.from({ length: 6 }, () => next() >>> 24);
    labels[i] = colours.reduce((a, b) => a + b, 0) > 3 * 255 ? 1 : 0;
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const side = pixel % SIDE < SIDE / 2 ? 0 : 3;
      pictures.set(colours.subarray(side, side + 3), 3 * (i * SIDE * SIDE + pixel));
    }
  }
  return { pictures, labels };
}

export interface SmallModel {
  readonly spec: ModelSpec;
  readonly objective: Objective;
  /** No two alike, and none at a value that it starts from. */
  readonly params: Float32Array;
  /** Loss and gradients at some parameters. */
  at(params: Float32Array, batch: Batch): LossAndGrads;
}

export function smallModel(spec: ModelSpec): SmallModel {
  const objective = objectiveOf(spec);
  return {
    spec,
    objective,
    params: drawParams(objective.schema, key(2)).map((v, i) => v + 0.1 * Math.sin(i)),
    at: (params, batch) =>
      lossAndGradients(objective.schema, params, (weights) => objective.loss(weights, batch, key(3))),
  };
}
