import type { PeerRound, PeerRoundEffect, PeerRoundEvent } from '../exchange/peerRound.ts';
import type { CoordinatorMessage, RosterEntry } from '../protocol/messages.ts';
import type { RunInfo, RunStatus } from '../protocol/run.ts';
import type { IceServer } from './ports.ts';

/** Where a volunteer stands, what may happen to it, and what it then wants done. */
export interface Life {
  readonly connection: 'offline' | 'connecting' | 'online';
  readonly wish: 'work' | 'pause' | 'leave';
  readonly identity: { readonly peer: string; readonly secret: string } | undefined;
  readonly run: RunInfo | undefined;
  readonly status: RunStatus | undefined;
  readonly iceServers: readonly IceServer[];
  readonly roster: readonly RosterEntry[];
  /** Volunteers that are here besides those in the roster. */
  readonly others: number;
  readonly engine:
    | { readonly kind: 'none' | 'preparing' }
    | { readonly kind: 'ready'; readonly schemaHash: string; readonly device: string }
    | { readonly kind: 'failed'; readonly sentence: string };
  /** How many will train in the next round. */
  readonly workers: number;
  /** The version that the engine holds, and the one that is being fetched. */
  readonly version: string | undefined;
  readonly fetching: string | undefined;
  readonly round: PeerRound | undefined;
  /** What was contributed last, encoded: an audit may ask for it until the next round has ended (AG3). */
  readonly kept: { readonly round: number; readonly parts: readonly Uint8Array[] } | undefined;
  /** When to ask again for a version that could not be fetched. */
  readonly retryAtMs: number | undefined;
  /** Why the coordinator, which answers, has let no connection in so far. */
  readonly turnedAway: string | undefined;
  /** A refusal that only a person can mend. */
  readonly refusal: string | undefined;
}

export type LifeEvent =
  | { readonly type: 'join' | 'pause' | 'resume' | 'leave' | 'connected' | 'disconnected' | 'tick' }
  | { readonly type: 'turnedAway'; readonly sentence: string }
  | { readonly type: 'message'; readonly message: CoordinatorMessage }
  | { readonly type: 'prepared'; readonly schemaHash: string; readonly device: string }
  /** So many would train if a round began now; 0 while the engine is started again. */
  | { readonly type: 'workers'; readonly count: number }
  /** A worker is gone and with it model and version; another one takes its place. */
  | { readonly type: 'engineRestarted'; readonly sentence: string }
  /** The model could not be built, or nothing is left that could train. */
  | { readonly type: 'engineFailed'; readonly sentence: string }
  | { readonly type: 'loaded'; readonly version: string }
  | { readonly type: 'loadFailed'; readonly version: string }
  | { readonly type: 'round'; readonly round: number; readonly event: PeerRoundEvent };

export type LifeEffect =
  | PeerRoundEffect
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' | 'hello' | 'closeLinks' }
  | { readonly type: 'prepare'; readonly run: RunInfo };

export type LifeStep = readonly [Life, readonly LifeEffect[]];

export const UNBORN: Life = {
  connection: 'offline',
  wish: 'leave',
  identity: undefined,
  run: undefined,
  status: undefined,
  iceServers: [],
  roster: [],
  others: 0,
  engine: { kind: 'none' },
  workers: 1,
  version: undefined,
  fetching: undefined,
  round: undefined,
  kept: undefined,
  retryAtMs: undefined,
  turnedAway: undefined,
  refusal: undefined,
};
