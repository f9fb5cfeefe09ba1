import { dispose, freeing, keep, readValues, reshape, slice, type Tensor } from '@murmur/core/tensor/ops';

/** Figures of `count` steps or samples, in milliseconds. */
export type Sampler = (count: number) => Promise<number[]>;

/** Enough for a clock with steps of 0.1 ms, as browsers have it. */
const SAMPLE_MS = 20;
/** Until the engine has compiled what it compiles. */
const WARM_MS = 100;
const MOST_CALLS = 2000;

export interface SamplingContext {
  now(): number;
  /** Calls return before the device has computed: read something back at the end of each sample. */
  readonly deferred: boolean;
}

/** One value of the result, once the device has it. */
async function settled(work: () => Tensor): Promise<void> {
  const results: Tensor[] = [];
  freeing(() => {
    results.push(keep(slice(reshape(work(), [-1]), [0], [1])));
  });
  for (const result of results) await readValues(result);
  dispose(results);
}

/** Times calls of `work` and frees what they make; a sample is the mean over as many calls as fill 20 ms. */
export async function callSampler(work: () => Tensor, context: SamplingContext): Promise<Sampler> {
  const call = () =>
    freeing(() => {
      work();
    });
  const sample = async (calls: number): Promise<number> => {
    const began = context.now();
    for (let i = 1; i < calls; i++) call();
    if (context.deferred) await settled(work);
    else call();
    return (context.now() - began) / calls;
  };
  const began = context.now();
  let last = await sample(1);
  while (context.now() - began < WARM_MS) last = await sample(1);
  const calls = Math.min(MOST_CALLS, Math.max(1, Math.ceil(SAMPLE_MS / Math.max(last, 0.001))));
  return async (count) => {
    const ms: number[] = [];
    for (let i = 0; i < count; i++) ms.push(await sample(calls));
    return ms;
  };
}
