/**
 * The control channel between a volunteer and the coordinator: one socket.io event, `message`, carrying one of
 * these. Bulk bytes between volunteers travel in frames (frames.ts).
 */
import { z } from 'zod';
import {
  combinePlan,
  contributor,
  handOn,
  hash,
  MOST_GROUPS,
  MOST_MEMBERS,
  peerId,
  roundManifest,
  roundNumber,
  workerCount,
} from './round.ts';
import { REASONS } from './reasons.ts';
import { roundRecord, runInfo, runStatus } from './run.ts';

export const MAX_PART_BYTES = 32 * 1024 * 1024;
export const MAX_FRAME_BYTES = 64 * 1024;
const MAX_SIGNAL_CHARACTERS = 64 * 1024;

const bytes = (most: number) =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.byteLength <= most,
    `expected at most ${most} bytes`,
  );
/** Words of a volunteer as others see them, in terminals too: what would control one becomes a space. */
const words = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) => text.replace(/\p{Cc}/gu, ' '));
const hostKind = z.enum(['browser', 'headless']);

/** What a volunteer does, as others see it. */
export const volunteerState = z.enum(['syncing', 'waiting', 'training', 'exchanging', 'paused']);

export const volunteerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    name: words(60).pipe(z.string().min(1)),
    host: hostKind,
    token: z.string().max(120).optional(),
    /** Identity from an earlier welcome, to keep one's place after a lost connection. */
    resume: z.object({ peer: peerId, secret: z.string().max(64) }).optional(),
  }),
  /** Model and newest version are loaded: rounds may count on this volunteer. Said again when `workers` changes. */
  z.object({
    type: z.literal('available'),
    schemaHash: hash,
    version: hash,
    /** What it trains with. */
    device: words(120),
    /** How many train side by side in the next round, each with batches of its own; a GPU is one. */
    workers: workerCount,
  }),
  z.object({ type: z.literal('paused') }),
  z.object({ type: z.literal('leave') }),
  z.object({ type: z.literal('signal'), to: peerId, data: z.string().max(MAX_SIGNAL_CHARACTERS) }),
  z.object({
    type: z.literal('progress'),
    round: roundNumber,
    step: z.number().int().min(0),
    samples: z.number().int().min(0),
    loss: z.number(),
  }),
  z.object({
    type: z.literal('ready'),
    round: roundNumber,
    samples: z.number().int().positive(),
    steps: z.number().int().positive(),
    loss: z.number(),
    /** Euclidean length of what was encoded. */
    norm: z.number().nonnegative(),
    trainMs: z.number().nonnegative(),
    hashes: z.array(hash).max(64),
    /** Members that can be reached over the mesh now; the others are relayed. */
    meshed: z.array(peerId).max(MOST_MEMBERS),
    /** There is more in it than the work of this round's leases, from which alone it cannot be computed again (RD5). */
    carried: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('reduced'),
    round: roundNumber,
    part: z.number().int().min(0),
    contributors: z.array(peerId).max(MOST_MEMBERS),
    bytes: bytes(MAX_PART_BYTES),
    /** In a round of several groups, those whose results are in it (GR3); it names no contributors then. */
    groups: z.array(z.number().int().min(0)).max(MOST_GROUPS).optional(),
    /** Of the plan by which they were combined. */
    attempt: z.number().int().min(0).optional(),
  }),
  /** What a group has made of a part is here, under this hash, and waits for a plan of how to combine it (GR2). */
  z.object({
    type: z.literal('partial'),
    round: roundNumber,
    part: z.number().int().min(0),
    contributors: z.array(peerId).max(MOST_MEMBERS),
    hash,
  }),
  z.object({
    type: z.literal('applied'),
    round: roundNumber,
    version: hash,
    /** Bytes this volunteer sent in this round to peers directly. */
    meshBytes: z.number().nonnegative(),
    /** Whether the version came from peers or, because something was missing, as a snapshot. */
    resynced: z.boolean(),
    /** Bytes per second that its links carried while they were busy; left out where it has not been measured. */
    uplink: z.number().positive().max(1e12).optional(),
  }),
  /** An encoded part of the own contribution, asked for by REPLAY (RD7) or AUDIT (AG3). */
  z.object({
    type: z.literal('contribution'),
    round: roundNumber,
    part: z.number().int().min(0),
    bytes: bytes(MAX_PART_BYTES),
  }),
  z.object({ type: z.literal('failed'), round: roundNumber, sentence: words(300) }),
  z.object({ type: z.literal('relay'), to: peerId, frame: bytes(MAX_FRAME_BYTES) }),
]);

export const rosterEntry = z.object({
  peer: peerId,
  name: z.string().max(60),
  host: hostKind,
  state: volunteerState,
});

export const coordinatorMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    peer: peerId,
    secret: z.string().max(64),
    run: runInfo,
    status: runStatus,
    iceServers: z.array(
      z.object({ urls: z.string(), username: z.string().optional(), credential: z.string().optional() }),
    ),
  }),
  z.object({ type: z.literal('refused'), reason: z.enum(REASONS), detail: z.string().max(300).optional() }),
  z.object({ type: z.literal('status'), status: runStatus }),
  /** Who is here: all, or in a crowd those with whom this volunteer works and how many there are besides. */
  z.object({
    type: z.literal('roster'),
    volunteers: z.array(rosterEntry).max(1024),
    others: z.number().int().min(0).optional(),
  }),
  z.object({ type: z.literal('signal'), from: peerId, data: z.string().max(MAX_SIGNAL_CHARACTERS) }),
  z.object({ type: z.literal('round'), manifest: roundManifest }),
  z.object({
    type: z.literal('reduce'),
    round: roundNumber,
    contributors: z.array(contributor).max(MOST_MEMBERS),
    /** Who reduces each part now: an owner that has left since the round opened is replaced. */
    owners: z.array(peerId).max(64),
  }),
  /**
   * RD7: from now on somebody else reduces this part, `null` the coordinator; contributors send it again. To whom reduces it: the hash
   * of each contributor's piece, in the order of REDUCE.
   */
  z.object({
    type: z.literal('replay'),
    round: roundNumber,
    part: z.number().int().min(0),
    owner: peerId.nullable(),
    hashes: z.array(hash).max(MOST_MEMBERS).optional(),
  }),
  /** GR3: how what this member's group has made of these parts goes on. */
  z.object({ type: z.literal('combine'), round: roundNumber, plans: z.array(combinePlan).max(64) }),
  /** AG3: what did you contribute to this part of a round that was committed? */
  z.object({ type: z.literal('audit'), round: roundNumber, part: z.number().int().min(0) }),
  /** To the owner of a part only: the encoded update, to be handed to the group (RD8). */
  z.object({
    type: z.literal('update'),
    round: roundNumber,
    part: z.number().int().min(0),
    bytes: bytes(MAX_PART_BYTES),
    /** Besides the own group. */
    to: z.array(peerId).max(2).optional(),
  }),
  /** The new version and the hash of each part's update; `null` where the part did not change. */
  z.object({
    type: z.literal('commit'),
    round: roundNumber,
    version: hash,
    updates: z.array(hash.nullable()).max(64),
    /** Of several groups: parts in which the work of this one is not. */
    without: z.array(z.number().int().min(0)).max(64).optional(),
    /** Parts that this member hands on once it has their updates. */
    handOn: z.array(handOn).max(64).optional(),
  }),
  z.object({ type: z.literal('abandoned'), round: roundNumber, reason: z.enum(REASONS) }),
  /** The round log grew: what the pages draw. */
  z.object({ type: z.literal('record'), record: roundRecord }),
  z.object({ type: z.literal('relay'), from: peerId, frame: bytes(MAX_FRAME_BYTES) }),
]);

export type VolunteerState = z.infer<typeof volunteerState>;
export type VolunteerMessage = z.infer<typeof volunteerMessage>;
export type CoordinatorMessage = z.infer<typeof coordinatorMessage>;
export type RosterEntry = z.infer<typeof rosterEntry>;
export type HostKind = z.infer<typeof hostKind>;

/** Messages of one type: `MessageOf<VolunteerMessage, 'ready'>`. */
export type MessageOf<M extends { type: string }, T extends M['type']> = Extract<M, { type: T }>;
