import { dispose, freeing, keep, readValues, reshape, slice, type Tensor } from '@murmur/core/tensor/ops';

/** Figures of `count` steps or samples, in milliseconds. */
export type Sampler = (count: number) => Promise<number[]>;

/** What clocks of browsers tell apart. */
const CLOCK_MS = 0.1;
/** Enough for such a clock. */
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

/** Warms up, and says how many calls fill a sample: by the fastest, as other work of the machine may slow some down. */
async function callsOf(
  timeOf: (calls: number) => Promise<number>,
  { now }: SamplingContext,
): Promise<number> {
  const began = now();
  let fastest = Infinity;
  for (let calls = 1; calls <= MOST_CALLS; calls *= 2) {
    const ms = await timeOf(calls);
    fastest = Math.min(fastest, Math.max(ms, CLOCK_MS) / calls);
    if (ms >= SAMPLE_MS && now() - began >= WARM_MS) break;
  }
  return Math.min(MOST_CALLS, Math.max(1, Math.ceil(SAMPLE_MS / fastest)));
}

/** Times calls of `work` and frees what they make; a sample is the mean over as many calls as fill 20 ms. */
export async function callSampler(work: () => Tensor, context: SamplingContext): Promise<Sampler> {
  const call = () =>
    freeing(() => {
      work();
    });
  const timeOf = async (calls: number): Promise<number> => {
    const began = context.now();
    for (let i = 1; i < calls; i++) call();
    if (context.deferred) await settled(work);
    else call();
    return context.now() - began;
  };
  const calls = await callsOf(timeOf, context);
  return async (count) => {
    const ms: number[] = [];
    for (let i = 0; i < count; i++) ms.push((await timeOf(calls)) / calls);
    return ms;
  };
}
