import type { WantedRule } from '../aggregate/rules.ts';
import type { Decoded } from '../codec/codec.ts';
import type { CodecName } from '../codec/registry.ts';
import type { CoordinatorMessage, VolunteerMessage } from '../protocol/messages.ts';
import type { Ban } from '../protocol/operator.ts';
import type { Reason } from '../protocol/reasons.ts';
import type { Part, RoundManifest } from '../protocol/round.ts';
import type { Key } from '../random/key.ts';
import type { RoundRecord, RunInfo } from '../protocol/run.ts';
import type { LeaseBook } from './leases.ts';
import type { OpenRound, Ready } from './openRound.ts';
import type { Audit, Likeness, PastRound, SpotCheck, Trust } from './trustState.ts';
import type { WantedCodec } from './ladder.ts';
import type { BatchRule, Pace } from './plan.ts';
import type { PartContribution, ReduceResult } from '../volunteer/ports.ts';

export type * from './openRound.ts';
export * from './trustState.ts';

/** What never changes while a coordinator runs. */
export interface RoundRules {
  readonly run: string;
  readonly parameters: number;
  readonly schemaHash: string;
  readonly target: RunInfo['target'];
  /** `auto`: chosen round by round, by the members' links. */
  readonly codec: WantedCodec;
  /** What these bytes of a part that was reduced in this round hold, or why they do not fit. */
  readonly decode: (manifest: RoundManifest, bytes: Uint8Array, length: number) => Decoded;
  /** What an owner would do with these contributions to a part (RD7, AG3). */
  readonly reduce: (
    manifest: RoundManifest,
    part: number,
    contributions: readonly PartContribution[],
  ) => ReduceResult;
  readonly aggregate: WantedRule;
  readonly seed: number;
  /** Known to the coordinator alone: nobody can foresee which part is audited (AG3). */
  readonly auditKey: Key;
  /** Of the time, what may go into training again what volunteers say that they trained; 0: nothing (AG6). */
  readonly spotChecks: number;
  readonly optimizer: RoundManifest['optimizer'];
  readonly learningRateAt: (progress: number) => number;
  readonly batch: BatchRule;
  readonly innerSteps: number | 'auto';
  /** The first round waits for so many volunteers; later ones for as many, but no longer than `patienceMs`. */
  readonly quorum: number;
  readonly patienceMs: number;
  readonly reduceMs: number;
  /** Where parts may begin, if not at the blocks of all codecs: small vectors then have many parts. */
  readonly partAlignment?: number;
}

export interface Volunteer {
  readonly peer: string;
  readonly name: string;
  readonly state: 'syncing' | 'available' | 'paused';
  /** That it trains with, by its own word. */
  readonly workers: number;
  /** Bytes per second that its links carry, smoothed; undefined until it has said so. */
  readonly uplink: number | undefined;
  /** Whether it reached most of the other members directly when it was last ready: a relayed one owns nothing (RD11). */
  readonly meshed: boolean;
  /** The last round it was a member of, so that turns are taken when there are too many. */
  readonly lastRound: number;
  /** The last round that began before it came: nobody knows what it had in mind then. */
  readonly joinedRound: number;
}

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
  /** Of the newest round; undefined before the first of this process. */
  readonly codec: CodecName | undefined;
  readonly notBeforeMs: number;
  readonly waitingSinceMs: number;
  /** False until the first round of this process has opened. */
  readonly begun: boolean;
  readonly open: OpenRound | undefined;
  /** Relayed bytes seen since the open round began. */
  readonly relayBytes: number;
  /** Bytes of contributions that the coordinator was sent itself and that no closed record counts yet. */
  readonly helpBytes: number;
  /** By how much the reduce budget is stretched: doubled when a round ends without a part, halved when one has them. */
  readonly reducePatience: number;
  /** The audit in flight (AG3); it may outlive its round. */
  readonly audit: Audit | undefined;
  readonly trust: ReadonlyMap<string, Trust>;
  /** The last rounds that ended, oldest first. */
  readonly past: readonly PastRound[];
  /** What is being trained again (AG6). */
  readonly check: SpotCheck | undefined;
  /** None begins before. */
  readonly checkAfterMs: number;
  readonly banned: ReadonlyMap<string, Ban>;
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
  /** The check in flight has ended; without a likeness where it could not be done. */
  | {
      readonly type: 'recomputed';
      readonly round: number;
      readonly peer: string;
      readonly likeness: Likeness | undefined;
    }
  /** The operator lets somebody in again. */
  | { readonly type: 'pardon'; readonly peer: string }
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
  /** Hand these encoded updates out, to be handed on. */
  | { readonly type: 'handBack'; readonly round: number; readonly hands: readonly Hand[] }
  /** The round log grew: persist and show. */
  | { readonly type: 'record'; readonly record: RoundRecord; readonly members: readonly Given[] }
  | { readonly type: 'refuse'; readonly peer: string; readonly reason: Reason; readonly detail: string }
  /** This volunteer is out for good: close its connection and store the ban. Said again when it comes back. */
  | { readonly type: 'banned'; readonly ban: Ban }
  | { readonly type: 'pardoned'; readonly ban: Ban }
  /** Train this again, then feed `recomputed`. */
  | { readonly type: 'recompute'; readonly check: SpotCheck }
  /**
   * A version was made of a lie about this part: the next update makes good for the difference to the truth, which is
   * undefined where nothing at all should have changed.
   */
  | {
      readonly type: 'heal';
      readonly part: Part;
      /** Of the contributions of its round. */
      readonly codec: string;
      readonly lie: Uint8Array;
      readonly truth: Uint8Array | undefined;
    }
  | { readonly type: 'statusChanged' }
  | { readonly type: 'finished' };

/** Who is given the update of a part, for its own group and for these peers in others. */
export interface Hand {
  readonly part: number;
  readonly peer: string;
  readonly to: readonly string[];
}

export type Step = readonly [RoundState, readonly RoundEffect[]];

export function initialRoundState(
  from: Pick<
    RoundState,
    'round' | 'committedRounds' | 'version' | 'samplesDone' | 'trainedMs' | 'leases' | 'phase'
  >,
  banned: readonly Ban[] = [],
): RoundState {
  return {
    ...from,
    volunteers: new Map(),
    pace: undefined,
    codec: undefined,
    notBeforeMs: 0,
    waitingSinceMs: 0,
    begun: false,
    open: undefined,
    relayBytes: 0,
    helpBytes: 0,
    reducePatience: 1,
    audit: undefined,
    trust: new Map(),
    past: [],
    check: undefined,
    checkAfterMs: 0,
    banned: new Map(banned.map((ban) => [ban.peer, ban])),
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
