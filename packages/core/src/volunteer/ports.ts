/** What a volunteer needs of its host: a browser page or a Node process. Neither decides anything. */
import type { CoordinatorMessage, HostKind, VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor, Lease, Member, RoundManifest } from '../protocol/round.ts';
import type { RunInfo } from '../protocol/run.ts';
import type { ComputeView, Preview } from './view.ts';

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
    /** The coordinator answers, and does not let this connection in for now: it is tried again. */
    onTurnedAway(sentence: string): void;
    onMessage(message: CoordinatorMessage): void;
  }): void;
  send(message: VolunteerMessage): void;
  /**
   * Sends a frame for this peer. Resolves when the coordinator can take the next one; rejects when it dropped this one
   * or the connection is lost before it says so.
   */
  relay(to: string, frame: Uint8Array): Promise<void>;
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
      /** It holds more than this round's work: late work, or what encoding left out of earlier contributions. */
      readonly carried?: boolean;
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

/** What the volunteer's engine and each of its workers are asked alike. All arguments and results can be cloned between threads. */
export interface VersionPort {
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
  /**
   * Ends training with the step that runs. Resolves when nothing trains any more; of an engine, when what was done in a
   * round that was under way is kept for the next one (RD5).
   */
  cancel(): Promise<void>;
  /** Checks hashes, decodes, aggregates and encodes one part; by `combine` the results of groups (GR3), which have no hashes. */
  reduce(
    how: { readonly codec: string; readonly rule: RoundManifest['rule'] | 'combine' },
    length: number,
    part: number,
    contributions: readonly PartContribution[],
  ): Promise<ReduceResult>;
  /** Applies the committed update to the base version; `null` parts stay. The name is checked by the caller. */
  apply(manifest: RoundManifest, updates: readonly (Uint8Array | null)[]): Promise<{ version: string }>;
  preview(round: number): Promise<Preview | undefined>;
  /**
   * Says which parts of this volunteer's contribution to a round are in a version; what was said last counts. The work
   * in all others, and in contributions of which nothing was said, is carried into the next one (RD5).
   */
  settle(round: number, taken: readonly boolean[]): Promise<void>;
  dispose(): Promise<void>;
}

/** Called after every step of a round, with what all workers have done in it so far. */
export type OnStep = (step: number, samples: number, loss: number) => void;

export interface EngineHandlers {
  /** How this machine computes has changed. */
  onCompute(view: ComputeView): void;
  /** The model and the version are gone; `prepare` builds them again. `sentence` says why. */
  onRestarted(sentence: string): void;
  /** Another worker has taken the version over. */
  onPrepared(prepared: { schemaHash: string; device: string }): void;
  /** Nothing on this machine can train any more. */
  onLost(sentence: string): void;
}

/** What a manifest leases to one member, and among how many workers it is divided. */
export type Leased = Pick<Member, 'leases' | 'workers'>;

/**
 * What trains, encodes, reduces and applies on this machine, away from the thread with the links, so that this one
 * only moves bytes. Behind it are as many workers as the person grants.
 */
export interface EnginePort extends VersionPort {
  /** To be called once, before anything else. */
  watch(handlers: EngineHandlers): void;
  train(manifest: RoundManifest, leased: Leased, onStep: OnStep): Promise<TrainResult>;
  /** The share of the time that workers compute, 0.1 to 1; at once. */
  setThrottle(share: number): void;
  /** Workers to train with, at least 1; from the next round on. */
  setWorkers(count: number): void;
}

/** What one worker does of a round: all that it needs to train, so that it need know neither version nor shards. Moves between threads. */
export interface WorkOrder {
  /** The round's start, in schema order. */
  readonly params: Float32Array;
  /** Of all steps, one batch after the other: uint8 `[maxSteps × batchSize, side, side, C]`. */
  readonly pictures: Uint8Array;
  /** The class of each picture, `[maxSteps × batchSize]`; only where the operator leases labels out (SH3). */
  readonly labels?: Uint16Array;
  /** Of random/key.ts; step s draws from `fold(key, s)`. */
  readonly key: readonly [number, number];
  readonly minSteps: number;
  readonly maxSteps: number;
  readonly batchSize: number;
  readonly budgetMs: number;
  readonly learningRate: number;
  readonly optimizer: RoundManifest['optimizer'];
}

/** What came of a work order. Moves between threads. */
export interface Work {
  readonly kind: 'worked';
  /** The pseudo-gradient, `base − local`, in schema order. */
  readonly gradient: Float32Array;
  readonly samples: number;
  readonly steps: number;
  readonly loss: number;
  readonly trainMs: number;
}

export type WorkResult =
  | Work
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly sentence: string;
      /** The device lost its context or ran out of memory: trying the same again will not help. */
      readonly deviceLost: boolean;
    };

export type StartResult =
  | { readonly kind: 'started'; readonly title: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** What a volunteer carries from round to round. Vectors are as long as the parameters. */
export interface Carried {
  /** What encoding has left out of earlier contributions, times the codec's feedback; it is sent with the next one. */
  readonly residual: Float32Array | undefined;
  /** Work that is in no version, to be in the next contribution (RD5). */
  readonly late: { readonly round: number; readonly gradient: Float32Array } | undefined;
  /** The newest contribution. */
  readonly given: Given | undefined;
}

export interface Given {
  readonly round: number;
  readonly parts: RoundManifest['parts'];
  /** The work of this round alone: what was carried into it is not carried again. */
  readonly gradient: Float32Array;
  /** What encoding left out, times the codec's feedback; undefined where the codec has none. */
  readonly error: Float32Array | undefined;
  /** Of each part, whether it is in a version, as far as is known: nobody has said so yet of what is new. */
  readonly taken: readonly boolean[];
}

/** The version of one worker, and what it carries from round to round, to be taken over by another. */
export interface HandOver {
  readonly version: { readonly name: string; readonly params: Float32Array } | undefined;
  /** Pictures of the preview, uint8 [count, side, side, channels]. */
  readonly pictures:
    | {
        readonly count: number;
        readonly side: number;
        readonly channels: number;
        readonly pixels: Uint8Array;
      }
    | undefined;
  readonly carried: Carried;
}

/** One worker. The first of a machine, the lead, holds the version; replicas are only given work orders. */
export interface WorkerPort extends VersionPort {
  /** Starts this backend, before anything else, and checks that it computes the right gradients. */
  start(choice: { backend: string; softwareToo: boolean }): Promise<StartResult>;
  /** Cuts the round's work into orders for at most so many workers; no example is in two of them. */
  divide(
    manifest: RoundManifest,
    leases: readonly Lease[],
    workers: number,
  ): Promise<{ kind: 'divided'; orders: readonly WorkOrder[] } | { kind: 'failed'; sentence: string }>;
  /** Consumes the order. One at a time: a new call cancels the one that runs and waits for its end. */
  work(order: WorkOrder, onStep: OnStep): Promise<WorkResult>;
  /** Averages what the workers did into one contribution and encodes it. */
  contribute(manifest: RoundManifest, works: readonly Work[]): Promise<TrainResult>;
  setThrottle(share: number): Promise<void>;
  /** Samples a second in steps like the run's, without leaving a trace. */
  time(
    run: RunInfo,
    steps: { batchSize: number; deadlineMs: number },
  ): Promise<{ kind: 'timed'; samplesPerSecond: number } | { kind: 'failed'; sentence: string }>;
  handOver(): Promise<HandOver>;
  takeOver(handed: HandOver): Promise<void>;
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
  /** Where a person reads what happens: page state or terminal. */
  readonly log: (sentence: string) => void;
}
