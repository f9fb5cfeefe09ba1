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

/** What became of one way of computing that this machine offers. */
export interface BackendTrial {
  /** What people are shown, such as `WebGPU` or `relaxed SIMD`. */
  readonly title: string;
  readonly outcome: 'used' | 'slower' | 'refused' | 'lost' | 'trying' | 'untried';
  /** Why it is or is not used, as it stands beside title and outcome. */
  readonly reason: string;
  /** Of one worker, measured on the model of the run; undefined where it was not timed. */
  readonly samplesPerSecond: number | undefined;
}

/** How this machine computes, and how much of it is given. */
export interface ComputeView {
  readonly trials: readonly BackendTrial[];
  /** Training workers that run, one a core. */
  readonly workers: number;
  /** Workers that the person grants; takes effect in the next round. */
  readonly wantedWorkers: number;
  /** Cores of the machine, at least 1. */
  readonly cores: number;
  /** Duty cycle of every worker, 0.1 to 1. */
  readonly throttle: number;
  /** What went wrong and what was done about it, newest last. */
  readonly notices: readonly { readonly round: number; readonly sentence: string }[];
}

export const NO_COMPUTE: ComputeView = {
  trials: [],
  workers: 0,
  wantedWorkers: 1,
  cores: 1,
  throttle: 1,
  notices: [],
};

/** Everything a page or a terminal shows of one volunteer; plain data, made anew on every change. */
export interface VolunteerView {
  readonly phase: VolunteerPhase;
  /** One sentence on what is happening now, or what went wrong and what to do. */
  readonly sentence: string;
  readonly name: string;
  readonly device: string;
  readonly compute: ComputeView;
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
  /** Volunteers that are here besides `peers`: of a crowd only those are named with whom this one works. */
  readonly others: number;
  readonly meshBytes: number;
  readonly relayBytes: number;
  readonly preview: Preview | undefined;
}

/** What a person can do to a running volunteer. */
export interface VolunteerControls {
  pause(): void;
  resume(): void;
  leave(): void;
  /** The share of the time that workers compute, 0.1 to 1; at once. */
  setThrottle(share: number): void;
  /** Workers to train with, 1 to the number of cores; from the next round on. */
  setWorkers(count: number): void;
}
