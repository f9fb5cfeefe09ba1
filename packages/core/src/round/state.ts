import type { WantedRule } from '../aggregate/rules.ts';
import type { Decoded } from '../codec/codec.ts';
import type { CodecName } from '../codec/registry.ts';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Ban } from '../protocol/operator.ts';
import type { Reason } from '../protocol/reasons.ts';
import type { Contributor, Part, RoundManifest } from '../protocol/round.ts';
import type { Key } from '../random/key.ts';
import type { RoundRecord, RunInfo } from '../protocol/run.ts';
import type { Group } from './groups.ts';
import type { LeaseBook } from './leases.ts';
import type { WantedCodec } from './ladder.ts';
import type { BatchRule, Pace } from './plan.ts';
import type { PartContribution, ReduceResult } from '../volunteer/ports.ts';

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

export type Ready = MessageOf<VolunteerMessage, 'ready'>;

export interface ReducedPart {
  readonly bytes: Uint8Array;
  readonly contributors: readonly string[];
}

interface OpenBase {
  /** Of all members; `parts` has the owners of the first group. */
  readonly manifest: RoundManifest;
  /** At least one; the manifests that members get are of their group. */
  readonly groups: readonly Group[];
  /** Members that left, paused or failed since the round opened: nobody waits for them. */
  readonly out: ReadonlySet<string>;
  readonly openedAtMs: number;
  readonly deadlineMs: number;
}

/**
 * open → training → reducing → committing → spreading, with gathering and combining in the place of reducing where there are
 * several groups; the round is committed once spreading begins.
 */
export type OpenRound =
  | (OpenBase & {
      readonly phase: 'training';
      readonly ready: ReadonlyMap<string, Ready>;
      readonly readyAtMs: ReadonlyMap<string, number>;
      /** Nobody is waited for any longer than this (RD4). */
      readonly capMs: number;
    })
  | (Frozen & {
      readonly phase: 'reducing';
      readonly reduced: ReadonlyMap<number, ReducedPart>;
      /** Parts that nobody can hand in any more. */
      readonly lost: ReadonlySet<number>;
      /** How often those who were silent have been relieved (RD7). */
      readonly reliefs: number;
      /** By part, who has been asked to reduce it: any of them may still hand it in. */
      readonly asked: readonly (readonly string[])[];
      /** Contributions to the parts that the coordinator reduces itself, by peer. */
      readonly here: ReadonlyMap<number, ReadonlyMap<string, Uint8Array>>;
    })
  /** Every group reduces for itself; `owners` is by cell (GR2). */
  | (Frozen & {
      readonly phase: 'gathering';
      readonly partials: ReadonlyMap<number, PartialResult>;
      /** Cells that nobody can hand in any more. */
      readonly lost: ReadonlySet<number>;
      readonly reliefs: number;
      /** By cell, who has been asked to reduce it. */
      readonly asked: readonly (readonly string[])[];
    })
  /** What the groups have made of each part becomes one (GR3). */
  | (Frozen & {
      readonly phase: 'combining';
      readonly partials: ReadonlyMap<number, PartialResult>;
      /** By part, who combines it; nobody where nobody holds any of it. */
      readonly trees: ReadonlyMap<number, Tree>;
      readonly asked: readonly (readonly string[])[];
      /** Cells whose holder has left and that another of the group reduces again. */
      readonly pending: ReadonlySet<number>;
      readonly reduced: ReadonlyMap<number, ReducedPart>;
      /** By part, the groups that are in it. */
      readonly included: Joint['included'];
    })
  | (Frozen & {
      readonly phase: 'committing';
      readonly reduced: ReadonlyMap<number, ReducedPart>;
      /** Parts that the coordinator reduced itself. */
      readonly here: ReadonlySet<number>;
      /** Of several groups. */
      readonly joint: Joint | undefined;
    })
  | (Frozen & {
      readonly phase: 'spreading';
      readonly record: RoundRecord;
      /** Of `helpBytes`, what is in the record already. */
      readonly countedBytes: number;
      readonly applied: ReadonlyMap<string, Applied>;
      /** By part, who hands its update to which group, in the order of the tree; empty where there is one group (GR4). */
      readonly spreaders: ReadonlyMap<number, readonly Spreader[]>;
      /** Of the encoded update of each part, about. */
      readonly partBytes: readonly number[];
    });

/** What a group has made of a part: one of its members holds the bytes. */
export interface PartialResult {
  readonly holder: string;
  readonly hash: string;
  readonly contributors: readonly string[];
}

/** A plan of how the results of the groups that have one become one part; the first place is the root. */
export interface Tree {
  readonly attempt: number;
  readonly places: readonly { readonly group: number; readonly peer: string; readonly weight: number }[];
}

/** What a version of several groups was made of. */
export interface Joint {
  readonly partials: ReadonlyMap<number, PartialResult>;
  readonly included: ReadonlyMap<number, readonly number[]>;
}

export interface Spreader {
  readonly group: number;
  readonly peer: string;
}

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

/** A part that is being reduced again from what its contributors show. */
export interface Audit {
  readonly manifest: RoundManifest;
  readonly part: number;
  readonly owner: string;
  readonly claim: Claim;
  /** Whom the owner named. */
  readonly contributors: readonly Contributor[];
  /** What they have shown so far, by peer. */
  readonly inbox: ReadonlyMap<string, Uint8Array>;
  readonly deadlineMs: number;
}

/** What somebody says to have made of a part: the bytes, or where these were not sent here their hash. */
export interface Claim {
  readonly contributors: readonly string[];
  readonly bytes: Uint8Array | undefined;
  readonly hash: string | undefined;
}

/** What the coordinator knows of how honest a volunteer is. */
export interface Trust {
  /** The last round of which a part that it had reduced was checked. */
  readonly auditedRound: number | undefined;
  /** How often in a row it has not shown what it contributed. */
  readonly refusals: number;
  /** How often in a row what it contributed was what its training gives (AG6). */
  readonly streak: number;
  /** How much weighs what in a row was not. */
  readonly failures: number;
  /** The last round in which that was looked at. */
  readonly checkedRound: number | undefined;
  /** The last round of which that could not be told for certain: earlier ones do not explain later ones. */
  readonly doubtedRound: number | undefined;
}

export const NEWCOMER: Trust = {
  auditedRound: undefined,
  refusals: 0,
  streak: 0,
  failures: 0,
  checkedRound: undefined,
  doubtedRound: undefined,
};

/** A round that has ended, as far as it says what volunteers have trained. */
export interface PastRound {
  readonly manifest: RoundManifest;
  /** On how many examples, of those who said that they were ready. */
  readonly samples: ReadonlyMap<string, number>;
  /** Who said that there was more in what it contributed than the work of this round (RD5). */
  readonly carried: ReadonlySet<string>;
  /** Whose work is in a version, all of it: nothing is left to be carried (RD5). */
  readonly taken: ReadonlySet<string>;
}

/** A piece of a contribution, and all that is needed to train it again. */
export interface SpotCheck {
  readonly peer: string;
  readonly part: number;
  /** What it sent, encoded. */
  readonly bytes: Uint8Array;
  /** What it did: the round in question last, before it those that have left traces in its optimiser, oldest first. */
  readonly stints: readonly { readonly manifest: RoundManifest; readonly samples: number }[];
  /** Whether these rounds explain all that is in the piece; else only its direction can be told. */
  readonly explained: boolean;
  readonly begunAtMs: number;
}

/** How much a piece is like what training it again gives. */
export interface Likeness {
  /** Of the angle between both; 0 where one has no length. */
  readonly cosine: number;
  /** The length of what was sent over that of what was trained again. */
  readonly length: number;
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
