import type { RosterEntry } from '../protocol/messages.ts';
import type { RoundRecord, RunInfo, RunStatus } from '../protocol/run.ts';

/** What a volunteer is doing, in the order in which it usually happens. */
export type VolunteerPhase =
  | 'idle'
  | 'connecting'
  | 'preparing'
  | 'waiting'
  | 'training'
  | 'exchanging'
  | 'paused'
  | 'finished'
  | 'left'
  | 'failed';

/** Pictures `[count, side, side, channels]` as bytes; masked patches are grey in `masked`. */
export interface Preview {
  readonly round: number;
  readonly count: number;
  readonly side: number;
  readonly channels: number;
  readonly original: Uint8Array;
  readonly masked: Uint8Array;
  readonly predicted: Uint8Array;
}

export interface PeerView extends RosterEntry {
  readonly self: boolean;
  readonly link: 'self' | 'connecting' | 'mesh' | 'relayed' | 'none';
}

/** Everything a page or a terminal shows of one volunteer; plain data, made anew on every change. */
export interface VolunteerView {
  readonly phase: VolunteerPhase;
  /** One sentence on what is happening now, or what went wrong and what to do. */
  readonly sentence: string;
  readonly name: string;
  readonly device: string;
  readonly run: RunInfo | undefined;
  readonly status: RunStatus | undefined;
  /** The name of the version that this volunteer holds. */
  readonly version: string | undefined;
  readonly round: number;
  readonly step: number;
  readonly maxSteps: number;
  readonly samples: number;
  readonly samplesPerSecond: number;
  readonly contributedRounds: number;
  readonly records: readonly RoundRecord[];
  readonly peers: readonly PeerView[];
  readonly meshBytes: number;
  readonly relayBytes: number;
  readonly preview: Preview | undefined;
}

/** What a person can do to a running volunteer. */
export interface VolunteerControls {
  pause(): void;
  resume(): void;
  leave(): void;
}
