/** How warm-up begins: at 0 (MAE, Hugging Face; the default), or one step up, at base / warmupSteps. */
export type WarmupStart = 'fromZero' | 'plusOne';

export interface Schedule {
  readonly baseRate: number;
  readonly minRate: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  readonly start?: WarmupStart;
}

/** Linear warm-up, then half a cosine down to `minRate` (Loshchilov and Hutter 2017); level after the end. */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { baseRate, minRate, warmupSteps, totalSteps, start = 'fromZero' } = schedule;
  if (step < warmupSteps) return (baseRate * (step + (start === 'plusOne' ? 1 : 0))) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(totalSteps - warmupSteps, Number.EPSILON));
  return minRate + ((baseRate - minRate) * (1 + Math.cos(Math.PI * progress))) / 2;
}

export interface ProgressSchedule {
  readonly baseRate: number;
  readonly minRate: number;
  /** Share of the run spent warming up. */
  readonly warmup: number;
}

/** The same curve over the progress of a run, 0..1, for targets that are not counted in steps. */
export const learningRateOver = (progress: number, { baseRate, minRate, warmup }: ProgressSchedule): number =>
  learningRateAt(progress, { baseRate, minRate, warmupSteps: warmup, totalSteps: 1 });
