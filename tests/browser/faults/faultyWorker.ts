/// <reference types="vite/client" />
/** The engine worker of a page, with one fault. The test puts a line before this bundle that names it. */
import { exposeEngine } from '@murmur/client/host/exposeEngine';
import { pageTensorHost } from '@murmur/client/host/pageTensorHost';
import { checkGoldenGradient } from '@murmur/core/train/goldenGradient';
import * as tf from '@tensorflow/tfjs';
import type { EngineTrainer } from '@murmur/core/engine/engine';

export type Fault = 'zeros' | 'NaN' | 'death' | 'lost context';

declare global {
  var fault: Fault;
}

/** What every kernel of the murmur backend answers, once it is set. */
let spoiled: number | undefined;

/** Has the kernels of the murmur backend write `spoiled` over whatever they computed. */
function spoilKernels(): void {
  for (const kernel of tf.getKernelsForBackend('murmur')) {
    tf.unregisterKernel(kernel.kernelName, 'murmur');
    tf.registerKernel({
      ...kernel,
      kernelFunc(call) {
        const result = kernel.kernelFunc(call);
        const { view } = Object(call.backend) as { view?(info: tf.TensorInfo): Float32Array };
        if (spoiled === undefined || view === undefined) return result;
        for (const info of Array.isArray(result) ? result : [result])
          view.call(call.backend, info).fill(spoiled);
        return result;
      },
    });
  }
}

const strikes: Record<Fault, () => void> = {
  zeros: () => undefined,
  NaN: () => void (spoiled = NaN),
  death: () =>
    queueMicrotask(() => {
      throw new Error('struck by the test');
    }),
  'lost context': () => {
    const { gpgpu } = Object(tf.backend()) as { gpgpu: { gl: WebGL2RenderingContext } };
    gpgpu.gl.getExtension('WEBGL_lose_context')?.loseContext();
  },
};

/** Strikes after the first step of the second round. */
function faulty(trainer: EngineTrainer): EngineTrainer {
  let rounds = 0;
  return {
    ...trainer,
    train(request, hooks) {
      const strikesNow = ++rounds === 2;
      return trainer.train(request, {
        ...hooks,
        onStep(step, loss) {
          hooks.onStep(step, loss);
          if (strikesNow && step === 0) strikes[fault]();
        },
      });
    },
  };
}

const host = pageTensorHost({
  check() {
    if (tf.getBackend() === 'murmur') spoilKernels();
    if (fault === 'zeros') spoiled = 0;
    return checkGoldenGradient();
  },
});
exposeEngine({ ...host, makeTrainer: async (spec) => faulty(await host.makeTrainer(spec)) });
