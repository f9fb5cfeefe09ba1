import { MAX_PART_BYTES } from '../protocol/messages.ts';
import type { Part } from '../protocol/round.ts';

/** Parts begin at multiples of this, so that no block of a codec is cut. */
const PART_ALIGNMENT = 4096;
/** Whatever the codec, a part then fits into a message: none takes more than four bytes a value. */
const MOST_BLOCKS = MAX_PART_BYTES / 4 / PART_ALIGNMENT;

/**
 * Cuts `length` parameters into parts that are equal to within one block and cover the vector once: one an owner, or
 * more in turn where one would be too large for a message.
 */
export function planParts(length: number, owners: readonly string[]): Part[] {
  const blocks = Math.ceil(length / PART_ALIGNMENT);
  const count = Math.max(Math.min(owners.length, blocks), Math.ceil(blocks / MOST_BLOCKS));
  const edge = (i: number) => Math.min(length, Math.floor((blocks * i) / count) * PART_ALIGNMENT);
  return Array.from({ length: count }, (_, i) => ({
    start: edge(i),
    end: edge(i + 1),
    owner: owners[i % owners.length] as string,
  }));
}

/** What earlier rounds took, smoothed; undefined before the first. */
export interface Pace {
  /** One inner step of the slowest contributor. */
  readonly stepMs: number;
  /** From the last READY to the last APPLIED. */
  readonly exchangeMs: number;
}

const SMOOTHING = 0.3;
/** Exchange shall take at most this share of a round (4-learning: fewer inner steps learn better). */
const MOST_EXCHANGE_SHARE = 0.15;
const MOST_STEPS = 100;
const FIRST_STEPS = 2;

export function updatePace(pace: Pace | undefined, seen: Pace): Pace {
  if (!pace) return seen;
  const blend = (old: number, now: number) => old + SMOOTHING * (now - old);
  return { stepMs: blend(pace.stepMs, seen.stepMs), exchangeMs: blend(pace.exchangeMs, seen.exchangeMs) };
}

/** The fewest inner steps that keep the exchange under its share of the round. */
export function chooseSteps(pace: Pace | undefined): number {
  if (!pace) return FIRST_STEPS;
  const trainMs = pace.exchangeMs * (1 / MOST_EXCHANGE_SHARE - 1);
  return Math.min(MOST_STEPS, Math.max(1, Math.ceil(trainMs / Math.max(pace.stepMs, 1))));
}

export interface BatchRule {
  /** Samples per step of all workers together. */
  readonly joint: number;
  /** Of one worker, however many there are. */
  readonly least: number;
}

/**
 * What each of so many workers takes a step. The joint batch stays as it is: at equal samples eight volunteers then take the
 * steps that one would take, instead of an eighth of them.
 */
export const chooseBatch = ({ joint, least }: BatchRule, workers: number): number =>
  Math.max(least, Math.floor(joint / workers));

const FIRST_TRAIN_MS = 60_000;
const LEAST_TRAIN_MS = 5_000;

/** The wall-clock budget for training: half as much again as the steps should take (RD2). */
export function chooseTrainMs(pace: Pace | undefined, steps: number): number {
  return pace ? Math.max(LEAST_TRAIN_MS, 1.5 * steps * pace.stepMs) : FIRST_TRAIN_MS;
}
