import type { Decoded } from '../codec/codec.ts';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Reason } from '../protocol/reasons.ts';
import type { Contributor, RoundManifest } from '../protocol/round.ts';
import type { RoundRecord, RunInfo } from '../protocol/run.ts';
import type { LeaseBook } from './leases.ts';
import type { BatchRule, Pace } from './plan.ts';

/** What never changes while a coordinator runs. */
export interface RoundRules {
  readonly run: string;
  readonly parameters: number;
  readonly schemaHash: string;
  readonly target: RunInfo['target'];
  readonly codec: string;
  /** Of the codec of reduced parts: what these bytes hold, or why they do not fit. */
  readonly decode: (bytes: Uint8Array, length: number) => Decoded;
  readonly seed: number;
  readonly optimizer: RoundManifest['optimizer'];
  readonly learningRateAt: (progress: number) => number;
  readonly batch: BatchRule;
  readonly innerSteps: number | 'auto';
  /** The first round waits for so many volunteers; later ones for as many, but no longer than `patienceMs`. */
  readonly quorum: number;
  readonly patienceMs: number;
  readonly reduceMs: number;
}

export const MOST_MEMBERS = 16;

export interface Volunteer {
  readonly peer: string;
  readonly name: string;
  readonly state: 'syncing' | 'available' | 'paused';
  /** That it trains with, by its own word. */
  readonly workers: number;
  /** The last round it was a member of, so that turns are taken when there are too many. */
  readonly lastRound: number;
}

export type Ready = MessageOf<VolunteerMessage, 'ready'>;

export interface ReducedPart {
  readonly bytes: Uint8Array;
  readonly contributors: readonly string[];
}

interface OpenBase {
  readonly manifest: RoundManifest;
  /** Members that left, paused or failed since the round opened: nobody waits for them. */
  readonly out: ReadonlySet<string>;
  readonly openedAtMs: number;
  readonly deadlineMs: number;
}

/** open → training → reducing → committing → spreading; the round is committed once spreading begins. */
export type OpenRound =
  | (OpenBase & {
      readonly phase: 'training';
      readonly ready: ReadonlyMap<string, Ready>;
    })
  | (Frozen & {
      readonly phase: 'reducing';
      readonly reduced: ReadonlyMap<number, ReducedPart>;
      readonly lost: ReadonlySet<number>;
    })
  | (Frozen & { readonly phase: 'committing'; readonly reduced: ReadonlyMap<number, ReducedPart> })
  | (Frozen & {
      readonly phase: 'spreading';
      readonly record: RoundRecord;
      readonly applied: ReadonlyMap<string, Applied>;
    });

export interface Frozen extends OpenBase {
  readonly ready: ReadonlyMap<string, Ready>;
  readonly contributors: readonly Contributor[];
  readonly owners: readonly string[];
  readonly frozenAtMs: number;
}

export type Applied = MessageOf<VolunteerMessage, 'applied'>;

export interface RoundState {
  readonly phase: 'running' | 'paused' | 'finished';
  /** The last round that ended, committed or abandoned. */
  readonly round: number;
  /** How many of them were committed: what a target of rounds counts. */
  readonly committedRounds: number;
  readonly version: string;
  readonly samplesDone: number;
  readonly trainedMs: number;
  readonly volunteers: ReadonlyMap<string, Volunteer>;
  readonly leases: LeaseBook;
  readonly pace: Pace | undefined;
  readonly notBeforeMs: number;
  readonly waitingSinceMs: number;
  /** False until the first round of this process has opened. */
  readonly begun: boolean;
  readonly open: OpenRound | undefined;
  /** Relayed bytes seen since the open round began. */
  readonly relayBytes: number;
}

export type RoundEvent =
  | { readonly type: 'joined'; readonly peer: string; readonly name: string }
  | { readonly type: 'left'; readonly peer: string }
  | { readonly type: 'message'; readonly peer: string; readonly message: VolunteerMessage }
  | {
      readonly type: 'committed';
      readonly round: number;
      readonly version: string;
      readonly updates: readonly (string | null)[];
    }
  | { readonly type: 'commitFailed'; readonly round: number }
  | { readonly type: 'command'; readonly command: 'start' | 'pause' }
  | { readonly type: 'tick' };

/** What a member gave to a round that has ended; undefined when it gave nothing. */
export interface Given {
  readonly peer: string;
  readonly ready: Ready | undefined;
}

export type RoundEffect =
  | { readonly type: 'send'; readonly to: readonly string[]; readonly message: CoordinatorMessage }
  /** Make, store and name the next version from these parts, then feed `committed`; `leases` are stored with it. */
  | {
      readonly type: 'commit';
      readonly round: OpenRound & { phase: 'committing' };
      readonly record: Omit<RoundRecord, 'version'>;
      readonly leases: LeaseBook;
    }
  /** Hand each encoded update to the owner of its part. */
  | { readonly type: 'handBack'; readonly round: number; readonly owners: readonly string[] }
  /** The round log grew: persist and show. */
  | { readonly type: 'record'; readonly record: RoundRecord; readonly members: readonly Given[] }
  | { readonly type: 'refuse'; readonly peer: string; readonly reason: Reason; readonly detail: string }
  | { readonly type: 'statusChanged' }
  | { readonly type: 'finished' };

export type Step = readonly [RoundState, readonly RoundEffect[]];

export function initialRoundState(
  from: Pick<
    RoundState,
    'round' | 'committedRounds' | 'version' | 'samplesDone' | 'trainedMs' | 'leases' | 'phase'
  >,
): RoundState {
  return {
    ...from,
    volunteers: new Map(),
    pace: undefined,
    notBeforeMs: 0,
    waitingSinceMs: 0,
    begun: false,
    open: undefined,
    relayBytes: 0,
  };
}

/** Share of the target reached, 0 to 1. */
export function progressOf(state: RoundState, target: RunInfo['target']): number {
  const done = {
    rounds: state.committedRounds,
    samples: state.samplesDone,
    minutes: state.trainedMs / 60_000,
  }[target.kind];
  return Math.min(1, done / target.amount);
}
