/** A volunteer's copy of the model while it trains: parameters and AdamW's moments stay on the device from step to step. */
import type { Weights } from '../nn/weights.ts';
import { coefficientsAt, decays, maeAdamw } from '../optim/adamw.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { stepsAhead } from '../tensor/backend.ts';
import { adamwStep } from '../tensor/fused/adamw.ts';
import {
  dispose,
  freeing,
  keep,
  mul,
  readValues,
  sub,
  tensorOf,
  zerosOf,
  type Tensor,
} from '../tensor/ops.ts';
import { flatten, unflatten, type ParamSchema, type ParamSpec } from '../tensor/params.ts';

export interface Update {
  readonly optimizer: 'adamw' | 'sgd';
  readonly learningRate: number;
}

export interface LocalModel {
  /** How many steps may be started before the loss of the first is there. */
  readonly stepsAhead: number;
  /** Takes these values, in schema order; the moments stay. */
  load(params: Float32Array): void;
  /** One step: forward, backward, update. Resolves to the loss once the device has it. */
  step(loss: (weights: Weights) => Tensor, update: Update): Promise<number>;
  /** The values, in schema order. */
  read(): Promise<Float32Array>;
  /** Sets the moments back to their start. */
  forgetMoments(): void;
  dispose(): void;
}

interface Slot {
  readonly spec: ParamSpec;
  param: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const kept = (tensor: Tensor): Tensor => keep(tensor);

/** A model of zeros; owns its tensors until `dispose`. */
export function createLocalModel(schema: ParamSchema): LocalModel {
  const zeros = ({ shape }: ParamSpec): Tensor => kept(zerosOf(shape));
  const slots: readonly Slot[] = schema.map((spec) => ({
    spec,
    param: zeros(spec),
    expAvg: zeros(spec),
    expAvgSq: zeros(spec),
  }));
  let steps = 0;

  function replace(slot: Slot, field: 'param' | 'expAvg' | 'expAvgSq', tensor: Tensor): void {
    if (slot[field] === tensor) return;
    dispose(slot[field]);
    slot[field] = kept(tensor);
  }

  function descend(slot: Slot, gradient: Tensor, learningRate: number): void {
    replace(slot, 'param', sub(slot.param, mul(gradient, learningRate)));
  }

  function adapt(slot: Slot, gradient: Tensor, learningRate: number): void {
    const weightDecay = decays(slot.spec) ? maeAdamw.weightDecay : 0;
    const coefficients = coefficientsAt(steps, learningRate, { ...maeAdamw, weightDecay });
    const [param, expAvg, expAvgSq] = adamwStep(
      [slot.param, gradient, slot.expAvg, slot.expAvgSq],
      coefficients,
    );
    replace(slot, 'param', param);
    replace(slot, 'expAvg', expAvg);
    replace(slot, 'expAvgSq', expAvgSq);
  }

  return {
    stepsAhead: stepsAhead(),

    load(params) {
      const views = unflatten(schema, params);
      for (const slot of slots)
        // tfjs's cpu backend keeps the very array, and steps are taken in place
        replace(
          slot,
          'param',
          tensorOf((views.get(slot.spec.name) as Float32Array).slice(), slot.spec.shape),
        );
    },

    async step(loss, { optimizer, learningRate }) {
      const weights = new Map(slots.map(({ spec, param }) => [spec.name, param]));
      const result: Tensor[] = [];
      freeing(() => {
        const { value, gradients } = valueAndGradients(() => loss(weights), [...weights.values()]);
        if (optimizer === 'adamw') steps++;
        const move = optimizer === 'adamw' ? adapt : descend;
        slots.forEach((slot, i) => move(slot, gradients[i] as Tensor, learningRate));
        result.push(kept(value));
      });
      const [value] = result as [Tensor];
      try {
        return (await readValues(value))[0] as number;
      } finally {
        dispose(value);
      }
    },

    async read() {
      const values = await Promise.all(slots.map(({ param }) => readValues(param)));
      return flatten(schema, new Map(schema.map(({ name }, i) => [name, values[i] as Float32Array])));
    },

    forgetMoments() {
      steps = 0;
      for (const slot of slots) {
        replace(slot, 'expAvg', zeros(slot.spec));
        replace(slot, 'expAvgSq', zeros(slot.spec));
      }
    },

    dispose() {
      for (const { param, expAvg, expAvgSq } of slots) dispose([param, expAvg, expAvgSq]);
    },
  };
}
