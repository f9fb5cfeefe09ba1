/**
 * The operator's feed: socket.io namespace `/operator`, `auth: {token}`. The coordinator emits `snapshot` (whole
 * state, at most twice a second); the page emits `command` and gets `{ok: true}` or `{ok: false, sentence}` back.
 */
import { z } from 'zod';
import { mapIndex } from './map.ts';
import { volunteerState } from './messages.ts';
import { peerId } from './round.ts';
import { roundRecord, runInfo, runStatus } from './run.ts';

const score = z.object({ knn: z.number(), probe: z.number() });

const interval = z.object({ low: z.number(), high: z.number() });

/** Scores of a committed version, shares of 1, beside the baselines measured the same way. */
export const scoreRecord = z.object({
  round: z.number().int().min(0),
  version: z.string(),
  knn: z.number(),
  probe: z.number(),
  baselines: z.object({ untrained: score, pixels: score }),
  testCount: z.number().int(),
  trainCount: z.number().int(),
  features: z.string(),
  seconds: z.number(),
  /** Of the version's own scores, 95 %, by resampling the test pictures; older records have none. */
  intervals: z.object({ knn: interval, probe: interval }).optional(),
  /** What of the encoder stands for a picture, as `features` says it in words. */
  token: z.enum(['mean', 'class']).optional(),
});

/** AG5: a volunteer that was excluded. */
export const ban = z.object({
  peer: peerId,
  name: z.string().max(60),
  /** The last round that had ended. */
  round: z.number().int().min(0),
  sentence: z.string().max(300),
});

export const operatorSnapshot = z.object({
  run: runInfo,
  status: runStatus,
  joinUrls: z.array(z.string()),
  startedAtMs: z.number().nullable(),
  nowMs: z.number(),
  samplesDone: z.number(),
  /** Of the round in flight. */
  open: z
    .object({
      round: z.number().int(),
      phase: z.enum(['training', 'reducing', 'gathering', 'combining', 'committing', 'spreading']),
      ready: z.number().int(),
      members: z.number().int(),
      openedAtMs: z.number(),
      deadlineMs: z.number(),
    })
    .nullable(),
  volunteers: z.array(
    z.object({
      peer: z.string(),
      name: z.string(),
      host: z.enum(['browser', 'headless']),
      device: z.string(),
      state: volunteerState,
      samplesPerSecond: z.number(),
      samples: z.number(),
      rounds: z.number().int(),
      missedRounds: z.number().int(),
      relayed: z.boolean(),
    }),
  ),
  rounds: z.array(roundRecord),
  scores: z.array(scoreRecord),
  /** Why there are no scores, when there are none to expect. */
  noScores: z.string().nullable(),
  /** Null where nothing is scored: there will be no map. */
  map: mapIndex.nullable(),
  coverage: z.object({ epoch: z.number(), share: z.number(), examples: z.number().int() }),
  /** Newest first; things a person should know, each with what to do. */
  alerts: z.array(
    z.object({ atMs: z.number(), level: z.enum(['info', 'warning', 'error']), sentence: z.string() }),
  ),
  exportPath: z.string().nullable(),
  /** Who was excluded, and why; each can be let in again. */
  bans: z.array(ban),
});

export const operatorCommand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('export') }),
  /** Lets an excluded volunteer in again. */
  z.object({ type: z.literal('pardon'), peer: peerId }),
]);

export type Ban = z.infer<typeof ban>;
export type ScoreRecord = z.infer<typeof scoreRecord>;
export type OperatorSnapshot = z.infer<typeof operatorSnapshot>;
export type OperatorCommand = z.infer<typeof operatorCommand>;
export type CommandAnswer = { ok: true } | { ok: false; sentence: string };
