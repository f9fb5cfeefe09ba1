/** What a volunteer needs of its host: a browser page or a Node process. Neither decides anything. */
import type { CoordinatorMessage, HostKind, VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor, Lease, RoundManifest } from '../protocol/round.ts';
import type { RunInfo } from '../protocol/run.ts';
import type { Preview } from './view.ts';

export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Calls once after `ms`; the result cancels it. */
  after(ms: number, call: () => void): () => void;
}

/** The socket to the coordinator. Reconnects by itself; every message is parsed before `onMessage`. */
export interface ControlPort {
  open(handlers: {
    onConnected(): void;
    onDisconnected(): void;
    onMessage(message: CoordinatorMessage): void;
  }): void;
  send(message: VolunteerMessage): void;
  close(): void;
}

export interface IceServer {
  readonly urls: string;
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

export interface LinkHandlers {
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  /** Signalling data for the other end, to be carried by the coordinator. */
  onSignal(data: string): void;
  /** Once, when the link is gone for good, whatever the cause. */
  onClosed(cause: string): void;
}

/** One direct connection to a peer. */
export interface Link {
  signal(data: string): void;
  /** Resolves once the bytes are handed to the network and the buffer is below its mark; rejects when closed. */
  send(bytes: Uint8Array): Promise<void>;
  close(): void;
}

export interface LinkPort {
  open(options: { initiator: boolean; iceServers: readonly IceServer[] }, handlers: LinkHandlers): Link;
}

/** Content by URL, kept between visits where `immutable`. Checks nothing: whoever asked checks the hash. */
export interface FetchPort {
  snapshot(version: string): Promise<Uint8Array>;
  /** From the local cache or the coordinator. */
  shard(hash: string): Promise<Uint8Array>;
  /** The cached bytes of this shard are wrong: forget them. */
  forgetShard(hash: string): Promise<void>;
}

export type TrainResult =
  | {
      readonly kind: 'trained';
      readonly samples: number;
      readonly steps: number;
      readonly loss: number;
      readonly norm: number;
      readonly trainMs: number;
      /** Encoded pseudo-gradient, a piece a part, and their hashes. */
      readonly parts: readonly Uint8Array[];
      readonly hashes: readonly string[];
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly sentence: string };

export type ReduceResult =
  | { readonly kind: 'reduced'; readonly bytes: Uint8Array; readonly contributors: readonly string[] }
  | { readonly kind: 'failed'; readonly sentence: string };

export interface PartContribution {
  readonly contributor: Contributor;
  readonly bytes: Uint8Array;
}

/**
 * The worker that owns parameters and optimiser. It trains, encodes, reduces and applies, so that the thread
 * with the links only moves bytes. All arguments and results can be cloned between threads.
 */
export interface EnginePort {
  /** Builds the model of the run. Resolves to the schema's hash and a description of the device. */
  prepare(run: RunInfo): Promise<{ schemaHash: string; device: string }>;
  /** Takes a snapshot file; resolves to the version's name, or to a sentence when it is not what it says. */
  load(
    snapshot: Uint8Array,
    expected: string,
  ): Promise<{ kind: 'loaded' } | { kind: 'failed'; sentence: string }>;
  /** Takes a shard file; false when its bytes do not match its name. Keeps the shards of the newest leases only. */
  addShard(hash: string, file: Uint8Array): Promise<boolean>;
  missingShards(leases: readonly Lease[]): Promise<string[]>;
  train(
    manifest: RoundManifest,
    leases: readonly Lease[],
    onStep: (step: number, samples: number, loss: number) => void,
  ): Promise<TrainResult>;
  cancel(): Promise<void>;
  /** Checks hashes, decodes, averages and encodes one part. */
  reduce(
    codec: string,
    length: number,
    part: number,
    contributions: readonly PartContribution[],
  ): Promise<ReduceResult>;
  /** Applies the committed update to the base version; `null` parts stay. The name is checked by the caller. */
  apply(manifest: RoundManifest, updates: readonly (Uint8Array | null)[]): Promise<{ version: string }>;
  preview(round: number): Promise<Preview | undefined>;
  dispose(): Promise<void>;
}

export interface VolunteerPorts {
  readonly host: HostKind;
  readonly name: string;
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly control: ControlPort;
  readonly links: LinkPort;
  readonly fetch: FetchPort;
  readonly engine: EnginePort;
  /** Resolves to a sentence when the engine's worker has died: nothing can be asked of it any more. */
  readonly engineLost: Promise<string>;
  /** Where a person reads what happens: page state or terminal. */
  readonly log: (sentence: string) => void;
}
