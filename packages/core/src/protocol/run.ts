import { z } from 'zod';
import { hash } from './round.ts';

export const runPhase = z.enum(['waiting', 'running', 'paused', 'finished']);

/** What a newcomer needs to know about the run. `model` and `dataset` are read by the learning half only. */
export const runInfo = z.object({
  run: z.string().max(64),
  name: z.string().max(200),
  objective: z.string().max(32),
  preset: z.string().max(32),
  parameters: z.number().int().positive(),
  schemaHash: hash,
  model: z.unknown(),
  dataset: z.unknown(),
  target: z.object({ kind: z.enum(['rounds', 'samples', 'minutes']), amount: z.number().positive() }),
});

/** The state of the run as everybody may see it. */
export const runStatus = z.object({
  phase: runPhase,
  round: z.number().int().min(0),
  version: hash,
  /** Share of the target reached, 0 to 1. */
  progress: z.number().min(0).max(1),
  /** How many volunteers must be ready before the first round opens. */
  quorum: z.number().int().min(1).optional(),
});

/** Of those who are missing from a round, so that its record stays short in a crowd. */
export const MOST_NAMED = 16;

/** One line of the round log: what the pages draw. */
export const roundRecord = z.object({
  round: z.number().int().min(1),
  version: hash,
  loss: z.number().nullable(),
  volunteers: z.number().int().min(0),
  samples: z.number().int().min(0),
  samplesPerSecond: z.number().min(0),
  meshBytes: z.number().min(0),
  relayBytes: z.number().min(0),
  coordinatorBytes: z.number().min(0),
  durationMs: z.number().min(0),
  exchangeMs: z.number().min(0),
  steps: z.number().min(0),
  /** Of the contributions; records of earlier versions do not say. */
  codec: z.string().max(32).optional(),
  missingParts: z.number().int().min(0),
  /** Members whose work did not get in: the first of them by name, and how many they are. Records of earlier versions do not say. */
  missing: z.array(z.string().max(60)).max(MOST_NAMED).optional(),
  missingMembers: z.number().int().min(0).optional(),
  /** Set when the round was abandoned: it changed nothing. */
  reason: z.string().nullable(),
});

export type RunInfo = z.infer<typeof runInfo>;
export type RunPhase = z.infer<typeof runPhase>;
export type RunStatus = z.infer<typeof runStatus>;
export type RoundRecord = z.infer<typeof roundRecord>;
