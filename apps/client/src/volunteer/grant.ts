/** How much of this machine a person gives, and how that choice is read back between visits. */
import { NO_COMPUTE, type ComputeView } from '@murmur/core/volunteer/view';
import { z } from 'zod';

export interface Grant {
  /** The share of the time that is spent computing, 0.1 to 1. */
  readonly throttle: number;
  /** Processor cores, at least 1. */
  readonly workers: number;
}

export const LEAST_PERCENT = 10;
export const PERCENT_STEP = 5;

const keptGrant = z.object({ throttle: z.number(), workers: z.number() });

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** Half of the cores, at full speed: browsers count every hardware thread, and two threads of a core train little faster than one. */
export const defaultGrant = (cores: number): Grant => ({
  throttle: 1,
  workers: Math.max(1, Math.floor(cores / 2)),
});

/** The nearest grant that the controls can show on a machine of `cores`. */
export const fittingGrant = ({ throttle, workers }: Grant, cores: number): Grant => ({
  throttle: clamp(Math.round((throttle * 100) / PERCENT_STEP) * PERCENT_STEP, LEAST_PERCENT, 100) / 100,
  workers: clamp(Math.round(workers), 1, Math.max(1, cores)),
});

/** What an earlier visit kept; the default where it kept nothing, or something unreadable. */
export function grantFrom(kept: string | null, cores: number): Grant {
  const parsed = keptGrant.safeParse(jsonOf(kept));
  return parsed.success ? fittingGrant(parsed.data, cores) : defaultGrant(cores);
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    // Another program of this origin may have written there; the default is as good as asking.
    return undefined;
  }
}

/**
 * The volunteer's own account with the person's newest wish in it, so that a control never jumps back while the
 * volunteer has not heard of the wish. It knows its cores only once its engine runs.
 */
export const computeWith = (compute: ComputeView, grant: Grant, cores: number): ComputeView => ({
  ...compute,
  throttle: grant.throttle,
  wantedWorkers: grant.workers,
  cores: Math.max(compute.cores, cores),
});

/** Before anything runs. */
export const idleCompute = (grant: Grant, cores: number): ComputeView =>
  computeWith(NO_COMPUTE, grant, cores);
