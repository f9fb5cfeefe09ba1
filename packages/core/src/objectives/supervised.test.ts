import { beforeAll, describe, expect, it } from 'vitest';
import { supervisedSpec } from '../models/modelSpec.ts';
import { firstParams } from '../models/parameters.ts';
import type { Weights } from '../nn/weights.ts';
import { key } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { createLocalModel } from '../train/localModel.ts';
import { smallModel, smallSpec, twoColours } from './objective.fixture.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const spec = supervisedSpec.parse(smallSpec('supervised', { numClasses: 2 }));
const { objective, params, at } = smallModel(spec);
const { pictures, labels } = twoColours(3);

describe('supervised', () => {
  it('starts at even chances', () => {
    const { loss } = at(firstParams(spec, key(1)), { pictures, labels });
    expect(Math.abs(loss - Math.log(2))).toBeLessThan(0.1);
  });

  it('learns from labels to tell the classes of new pictures', async () => {
    const model = createLocalModel(objective.schema);
    model.load(firstParams(spec, key(1)));
    for (let step = 0; step < 120; step++) {
      const loss = (weights: Weights) => objective.loss(weights, twoColours(16, step), key(1));
      await model.step(loss, { optimizer: 'adamw', learningRate: 1e-2 });
    }
    const learned = await model.read();
    model.dispose();
    expect(at(learned, twoColours(64, 1e6)).loss).toBeLessThan(0.5); // of ln 2 = 0.69
  });

  it.each([
    ['none at all', undefined, 'received none'],
    ['too few', labels.slice(1), 'received 2'],
  ])('refuses pictures without labels: %s', (_, given, received) => {
    expect(() => at(params, { pictures, ...(given && { labels: given }) })).toThrow(
      `supervised: expected a label for each of the 3 pictures, ${received}: this objective needs labels leased out with the pictures`,
    );
  });

  it('refuses a label that is no class', () => {
    expect(() => at(params, { pictures, labels: Uint16Array.of(0, 1, 2) })).toThrow(
      'expected targets from 0 to 1, received 2',
    );
  });

  it('shows the picture and nothing else', async () => {
    const { original, masked, predicted } = await objective.preview(params, pictures, key(1));
    expect([original, masked, predicted]).toEqual([pictures, pictures, pictures]);
  });
});
