import type { VolunteerMessage } from '../protocol/messages.ts';
import type { WorkKind } from '../protocol/frames.ts';
import type { CombinePlan, Contributor, HandOn, RoundManifest } from '../protocol/round.ts';
import type { PartContribution, ReduceResult, TrainResult } from '../volunteer/ports.ts';

/**
 * A volunteer's side of one round (RD1–RD9) as a pure state machine. Bytes are opaque values in it; hashing,
 * averaging and sending are effects, whose results come back as events.
 */
export interface PeerRound {
  readonly self: string;
  readonly manifest: RoundManifest;
  readonly phase: 'syncing' | 'training' | 'ready' | 'reducing' | 'applying' | 'resyncing' | 'ended';
  /** Whether the base version is loaded, so that an update can be applied to it. */
  readonly based: boolean;
  readonly trained: Trained | undefined;
  readonly contributors: readonly Contributor[];
  /** Who reduces each part now; `null` is the coordinator (RD7). */
  readonly owners: readonly (string | null)[];
  /** Parts that were handed on (RD7) before REDUCE was heard: messages may overtake each other. */
  readonly handedOn: ReadonlyMap<number, HandedOn>;
  /** Encoded contributions by part and peer; they may arrive before REDUCE does. */
  readonly inbox: ReadonlyMap<string, Uint8Array>;
  /** Parts whose reduction has begun. */
  readonly begun: ReadonlySet<number>;
  readonly gone: ReadonlySet<string>;
  /** Of several groups: what is done between them. */
  readonly between: Between;
  readonly commit: { readonly version: string; readonly updates: readonly (string | null)[] } | undefined;
  readonly updates: ReadonlyMap<number, Uint8Array>;
  /** When waiting in this phase ends. */
  readonly deadlineMs: number | undefined;
}

/** Who reduces a part from now on, `null` the coordinator; to whom it is: the hash of each contributor's piece, in their order. */
export interface HandedOn {
  readonly owner: string | null;
  readonly hashes?: readonly string[] | undefined;
}

/** What a member does for others than its own group (GR2–GR4); empty where there is one. */
export interface Between {
  /** What its group has made of the parts that it reduced, encoded. */
  readonly own: ReadonlyMap<number, Uint8Array>;
  /** By part, the newest plan. */
  readonly plans: ReadonlyMap<number, CombinePlan & { readonly untilMs: number }>;
  /** Results of other groups by `part/attempt/peer`; they may arrive before the plan does. */
  readonly results: ReadonlyMap<string, Uint8Array>;
  /** By part, the attempt whose combination has begun last. */
  readonly begun: ReadonlyMap<number, number>;
  /** Updates that came from outside of the group before COMMIT said what they should be. */
  readonly early: readonly { readonly from: string; readonly part: number; readonly bytes: Uint8Array }[];
  /** By part, to whom outside of the group its update is handed on. */
  readonly handOn: ReadonlyMap<number, readonly string[]>;
}

export type Trained = Extract<TrainResult, { kind: 'trained' }>;

export type PayloadKind = WorkKind;

export type PeerRoundEvent =
  | { readonly type: 'trained'; readonly result: TrainResult; readonly meshed: readonly string[] }
  | {
      readonly type: 'reduce';
      readonly contributors: readonly Contributor[];
      readonly owners: readonly string[];
    }
  | ({ readonly type: 'replay'; readonly part: number } & HandedOn)
  | {
      readonly type: 'payload';
      readonly from: string;
      readonly kind: PayloadKind;
      readonly part: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'reduced'; readonly part: number; readonly result: ReduceResult }
  | { readonly type: 'combine'; readonly plans: readonly CombinePlan[] }
  | {
      readonly type: 'combined';
      readonly part: number;
      readonly attempt: number;
      readonly groups: readonly number[];
      readonly result: ReduceResult;
    }
  | {
      readonly type: 'update';
      readonly part: number;
      readonly bytes: Uint8Array;
      readonly to?: readonly string[] | undefined;
    }
  | {
      readonly type: 'commit';
      readonly version: string;
      readonly updates: readonly (string | null)[];
      readonly without?: readonly number[] | undefined;
      readonly handOn?: readonly HandOn[] | undefined;
    }
  | { readonly type: 'applied'; readonly version: string }
  | { readonly type: 'resynced'; readonly version: string }
  | { readonly type: 'present'; readonly peers: ReadonlySet<string> }
  | { readonly type: 'abandoned' }
  | { readonly type: 'tick' };

export type PeerRoundEffect =
  | { readonly type: 'train' }
  /** Training ends with the step that runs; the steps that were taken are carried into the next round (RD5). */
  | { readonly type: 'cancelTraining' }
  | { readonly type: 'tell'; readonly message: VolunteerMessage }
  | {
      readonly type: 'transmit';
      readonly to: string;
      readonly kind: PayloadKind;
      readonly part: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'reducePart';
      readonly part: number;
      readonly contributions: readonly PartContribution[];
    }
  /** Make one result of those of these groups, which all are in it (GR3). */
  | {
      readonly type: 'combinePart';
      readonly part: number;
      readonly attempt: number;
      readonly groups: readonly number[];
      readonly results: readonly PartContribution[];
    }
  | { readonly type: 'meshWith'; readonly peers: readonly string[]; readonly round: number }
  /** Which parts of this volunteer's contribution are in a version, as far as is known (RD5). */
  | { readonly type: 'settle'; readonly round: number; readonly taken: readonly boolean[] }
  | { readonly type: 'apply'; readonly updates: readonly (Uint8Array | null)[] }
  /** Fetch this version as a snapshot. */
  | { readonly type: 'resync'; readonly version: string }
  /** Tell the coordinator that this version is held; the host adds what it sent. */
  | {
      readonly type: 'confirm';
      readonly round: number;
      readonly version: string;
      readonly resynced: boolean;
    };

export type PeerStep = readonly [PeerRound, readonly PeerRoundEffect[]];
