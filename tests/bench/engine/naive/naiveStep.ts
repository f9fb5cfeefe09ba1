/**
 * Training steps of `naiveMae` as a user of tfjs takes them: `tf.variableGrads`, `tf.train.adam` with MAE's betas, and the
 * decoupled decay of AdamW on matrices by an assignment of its own, as tfjs has no AdamW.
 */
import * as tf from '@tensorflow/tfjs';
import { patchCount, patchWidth, type MaeConfig } from '@murmur/core/models/config';
import { initialParams, maeSchema } from '@murmur/core/models/parameters';
import { maskFromNoise } from '@murmur/core/nn/masking';
import { decays, maeAdamw } from '@murmur/core/optim/adamw';
import { fold, normal, uniform, type Key } from '@murmur/core/random/key';
import { naiveMae } from './naiveMae.ts';
import { naiveWeights } from './naiveWeights.ts';

const LEARNING_RATE = 1e-3;

/** Each call takes one step on the same random patches under a fresh masking, and resolves to the loss. */
export function naiveTraining(config: MaeConfig, batch: number, from: Key): () => Promise<number> {
  const schema = maeSchema(config);
  const weights = naiveWeights(schema, initialParams(config, fold(from, 'params')));
  const variables = Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, tf.variable(values, true, name)]),
  );
  const decaying = schema.filter(decays).map(({ name }) => variables[name] as tf.Variable);
  const { betas, eps, weightDecay } = maeAdamw;
  const optimizer = tf.train.adam(LEARNING_RATE, ...betas, eps);
  const patches = normal(fold(from, 'patches'), batch * patchCount(config) * patchWidth(config));
  let steps = 0;
  return async () => {
    const noise = uniform(fold(from, steps++), batch * patchCount(config));
    const masking = maskFromNoise(noise, patchCount(config), config.maskRatio);
    const { value, grads } = tf.variableGrads(() => naiveMae(config, variables, patches, masking));
    tf.tidy(() => decaying.forEach((w) => w.assign(tf.mul(w, 1 - LEARNING_RATE * weightDecay))));
    optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
    const [loss = NaN] = await value.data();
    tf.dispose([value, grads]);
    return loss;
  };
}
