/** The open round as the coordinator keeps it, phase by phase. */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor, RoundManifest } from '../protocol/round.ts';
import type { RoundRecord } from '../protocol/run.ts';
import type { Group } from './groups.ts';

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
