import { maeSpec } from '@murmur/core/models/modelSpec';
import { initialParams } from '@murmur/core/models/parameters';
import { key, uint32Stream } from '@murmur/core/random/key';
import { deviceLoss, softwareRenderer, startBackend, type BackendName } from '@murmur/core/tensor/backend';
import { checkGoldenGradient, goldenConfig, type GoldenOutcome } from '@murmur/core/train/goldenGradient';
import { createTrainer, type Clock, type TrainResult } from '@murmur/core/train/trainer';

export interface TrainOrder {
  readonly backend: BackendName;
  /** The step after which the GPU is lost. */
  readonly loseAfter?: number;
}

export interface Trained {
  /** Left out where the GPU is lost. */
  readonly golden: GoldenOutcome | undefined;
  readonly software: boolean;
  readonly losses: readonly number[];
  readonly result: TrainResult;
  /** The pseudo-gradient; empty where nothing came of it. */
  readonly gradient: readonly number[];
  readonly deviceLoss: string | undefined;
  /** Pixels of a preview before the first step; left out where the GPU is lost. */
  readonly predicted: readonly number[] | undefined;
  /** Before the first step, and after the last. */
  readonly liveTensors: readonly [number, number];
}

const BATCH = 3;
const SIDE = goldenConfig.imageSize;
const STEPS = 6;
/** The shapes of the golden gradient, so that software GPUs compile their shaders once. */
const spec = maeSpec.parse({
  objective: 'mae',
  preset: 'nano',
  mean: [0.5],
  std: [0.25],
  config: goldenConfig,
});

function pictures(step: number): Uint8Array {
  const next = uint32Stream(key(step));
  return Uint8Array.from({ length: BATCH * SIDE * SIDE }, () => next() % 256);
}

const clock: Clock = {
  now: () => performance.now(),
  pause: (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Keeps hold of every GPU that this thread opens; the answer loses them. */
function holdDevices(): () => void {
  const loseAll: (() => void)[] = [];
  const getContext = OffscreenCanvas.prototype.getContext;
  OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...args: unknown[]) {
    const context: unknown = Reflect.apply(getContext, this, args);
    if (context instanceof WebGL2RenderingContext)
      loseAll.push(() => context.getExtension('WEBGL_lose_context')?.loseContext());
    return context;
  } as typeof getContext;
  if ('GPUAdapter' in globalThis) {
    const requestDevice = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await requestDevice.call(this, descriptor);
      loseAll.push(() => device.destroy());
      return device;
    };
  }
  return () => loseAll.forEach((lose) => lose());
}

/** Trains on a backend of this thread, as a volunteer does, and loses its GPU where it is told to. */
export async function trainOrder({ backend, loseAfter }: TrainOrder): Promise<Trained> {
  const lose = holdDevices();
  await startBackend({ backend });
  const golden = loseAfter === undefined ? await checkGoldenGradient() : undefined;
  const trainer = await createTrainer(spec, { backend, clock });
  const before = trainer.liveTensors();
  const start = initialParams(spec.config, key(3));
  const preview = loseAfter === undefined ? await trainer.preview(start, pictures(0), key(5)) : undefined;
  const losses: number[] = [];
  const result = await trainer.train(
    {
      params: start,
      minSteps: STEPS,
      maxSteps: STEPS,
      budgetMs: 0,
      batchSize: BATCH,
      learningRate: 1e-2,
      key: key(4),
      nextBatch: (step) => ({ pictures: pictures(step) }),
      optimizer: 'adamw',
    },
    {
      isCancelled: () => false,
      onStep(step, loss) {
        losses.push(loss);
        if (step === loseAfter) lose();
      },
    },
  );
  return {
    golden,
    software: softwareRenderer(),
    losses,
    result,
    gradient: 'params' in result ? [...start].map((value, i) => value - (result.params[i] ?? NaN)) : [],
    deviceLoss: deviceLoss(),
    predicted: preview && [...preview.predicted],
    liveTensors: [before, trainer.liveTensors()],
  };
}
