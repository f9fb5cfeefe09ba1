/** What the coordinator remembers to tell who is honest: audits (AG3), spot checks (AG6), and what came of them. */
import type { Contributor, RoundManifest } from '../protocol/round.ts';

/** A part that somebody says to have reduced. */
export interface Claimed {
  readonly part: number;
  readonly owner: string;
  readonly claim: Claim;
}

/** A part that is being reduced again from what its contributors show. */
export interface Audit extends Claimed {
  readonly manifest: RoundManifest;
  /** All of the round, and what of it is audited after this part. */
  readonly known: readonly Contributor[];
  readonly later: readonly Claimed[];
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
