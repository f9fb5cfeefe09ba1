import { MAX_PART_BYTES } from '../protocol/messages.ts';
import type { Part } from '../protocol/round.ts';
import type { RunInfo } from '../protocol/run.ts';

/** Parts begin at multiples of this, so that no block of a codec is cut. */
export const PART_ALIGNMENT = 4096;
/** Whatever the codec, a part then fits into a message: none takes more than four bytes a value. */
const MOST_VALUES = MAX_PART_BYTES / 4;

/**
 * Cuts `length` parameters into parts that cover the vector once, in the owners' order. Each owner gets its share of the
 * blocks, as near as whole blocks allow, in more than one part where one would be too large for a message, and nothing
 * where its share is 0. No part is larger than one member's equal share, so that showing all pieces of one never takes more
 * bytes than one copy of the whole (AG3). The next owner in turn is a part's backup (RD7).
 * @param shares of the owners, summing to 1; equal when left out.
 * @param alignment of the parts' beginnings: a multiple of every codec's block.
 * @param members who contribute, owners or not.
 */
export function planParts(
  length: number,
  owners: readonly string[],
  shares: readonly number[] = owners.map(() => 1 / owners.length),
  alignment = PART_ALIGNMENT,
  members = owners.length,
): Part[] {
  const blocks = Math.ceil(length / alignment);
  const most = Math.min(Math.ceil(blocks / members), Math.max(1, Math.floor(MOST_VALUES / alignment)));
  let sum = 0;
  const edges = shares.map((share, i) => {
    sum += share;
    return i === shares.length - 1 ? blocks : Math.min(blocks, Math.floor(blocks * sum + 1e-9));
  });
  return owners.flatMap((owner, i) => {
    const others = owners.filter((peer) => peer !== owner);
    const backup = others[i % Math.max(1, others.length)];
    return cut(edges[i - 1] ?? 0, edges[i] ?? blocks, most).map(([from, to]) => ({
      start: from * alignment,
      end: Math.min(length, to * alignment),
      owner,
      ...(backup === undefined ? {} : { backup }),
    }));
  });
}

/** Cuts a range of blocks into ranges of so many, and what is left: audits are made up of either (AG3). */
const cut = (from: number, to: number, most: number): [number, number][] =>
  Array.from({ length: Math.ceil((to - from) / most) }, (_, i) => [
    from + i * most,
    Math.min(to, from + (i + 1) * most),
  ]);

function evenly(from: number, to: number, count: number): [number, number][] {
  const edge = (i: number) => from + Math.floor(((to - from) * i) / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)]);
}

/** Cuts `length` values into `count` ranges as even as whole blocks allow: fewer where there are fewer blocks, more where a message would be too small. */
export function alignedEdges(length: number, count: number, alignment: number): [number, number][] {
  const blocks = Math.ceil(length / alignment);
  const pieces = Math.max(Math.min(count, blocks), Math.ceil(length / MOST_VALUES));
  return evenly(0, blocks, pieces).map(([from, to]) => [from * alignment, Math.min(length, to * alignment)]);
}

/** What earlier rounds took, smoothed; undefined before the first. */
export interface Pace {
  /** One inner step of the slowest contributor. */
  readonly stepMs: number;
  /** From the last READY to the last APPLIED. */
  readonly exchangeMs: number;
}

const SMOOTHING = 0.3;
/** An exchange that is over so soon may take a larger share: rounds are short then, and steps few. */
const QUICK_MS = 1_000;
const MOST_SHARE_OF_QUICK = 0.15;
/** Of a slow one: with what comes before and after it volunteers still train nine tenths of the time. */
const MOST_SHARE_OF_SLOW = 0.08;
const MOST_STEPS = 1_000;
const FIRST_STEPS = 2;
/** However slow the links, a run has so many rounds: with five its loss ends higher, with 15 it does not (docs/results/inner-steps). */
const LEAST_ROUNDS = 20;

export function updatePace(pace: Pace | undefined, seen: Pace): Pace {
  if (!pace) return seen;
  const blend = (old: number, now: number) => old + SMOOTHING * (now - old);
  return { stepMs: blend(pace.stepMs, seen.stepMs), exchangeMs: blend(pace.exchangeMs, seen.exchangeMs) };
}

/** The fewest inner steps that keep the exchange under its share of the round, and no more than `most`. */
export function chooseSteps(pace: Pace | undefined, most = MOST_STEPS): number {
  if (!pace) return FIRST_STEPS;
  const share = pace.exchangeMs < QUICK_MS ? MOST_SHARE_OF_QUICK : MOST_SHARE_OF_SLOW;
  const trainMs = pace.exchangeMs * (1 / share - 1);
  const wanted = Math.ceil(trainMs / Math.max(pace.stepMs, 1));
  return Math.max(1, Math.min(MOST_STEPS, most, wanted));
}

/** So often at most goes a round through the data: between two versions everybody would learn the same by heart. */
const MOST_PASSES = 3;

/** What may be leased in one round of a data set with so many examples. */
export const mostExamples = (examples: number): number => MOST_PASSES * examples;

/** A worker has the pictures of a round in memory: of 64 pixels in colour these take 100 MB. */
const MOST_OF_A_WORKER = 8_192;

interface Amounts {
  /** In the data set. */
  readonly examples: number;
  /** Of all volunteers. */
  readonly workers: number;
  /** Of each worker. */
  readonly batchSize: number;
}

/** The most inner steps with which a run of this target has enough rounds, of which none takes too much of the data. */
export function mostSteps(
  target: RunInfo['target'],
  pace: Pace | undefined,
  { examples, workers, batchSize }: Amounts,
): number {
  const samplesAStep = workers * batchSize;
  const ofData = Math.floor(mostExamples(examples) / samplesAStep);
  const ofMemory = Math.floor(MOST_OF_A_WORKER / batchSize);
  return Math.min(ofData, ofMemory, ofTarget(target, pace, samplesAStep));
}

function ofTarget({ kind, amount }: RunInfo['target'], pace: Pace | undefined, samplesAStep: number): number {
  switch (kind) {
    case 'rounds':
      return MOST_STEPS;
    case 'samples':
      return Math.floor(amount / LEAST_ROUNDS / samplesAStep);
    case 'minutes': {
      const roundMs = (60_000 * amount) / LEAST_ROUNDS;
      return pace ? Math.floor((roundMs - pace.exchangeMs) / Math.max(pace.stepMs, 1)) : MOST_STEPS;
    }
  }
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

/** The wall-clock budget for training: half as much again as the steps should take the slowest (RD2). */
export function chooseTrainMs(pace: Pace | undefined, steps: number): number {
  return pace ? Math.max(LEAST_TRAIN_MS, 1.5 * steps * pace.stepMs) : FIRST_TRAIN_MS;
}

/** A reduction has at least this many times what the last ones took. */
const REDUCE_RESERVE = 3;

/** The wall-clock budget of the exchange: what the rules give, or more where links have shown that they need more. */
export const chooseReduceMs = (pace: Pace | undefined, leastMs: number, patience: number): number =>
  Math.max(leastMs * patience, REDUCE_RESERVE * (pace?.exchangeMs ?? 0));
