/** A coordinator without network, disk and time, and volunteers that answer when they are told to. */
import { float32 } from '@murmur/core/codec/float32';
import { reducePart } from '@murmur/core/engine/contribution';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '@murmur/core/protocol/messages';
import { PROTOCOL_VERSION } from '@murmur/core/protocol/version';
import { key } from '@murmur/core/random/key';
import type { BlobStore } from '../store/blobStore.ts';
import { memoryBlobStore } from '../store/memoryBlobStore.ts';
import { memoryRunStore } from '../store/memoryRunStore.ts';
import type { RunStore } from '../store/runStore.ts';
import type { Coordinator } from './coordinator.ts';
import type { RunOptions } from './options.ts';
import type { Conversation } from './ports.ts';

export const SCHEMA = [{ name: 'w', shape: [6] }];
export const FIRST = Float32Array.of(1, 2, 3, 4, 5, 6);
export const SCHEMA_HASH = 'a'.repeat(64);
export const HELLO = { type: 'hello', protocol: PROTOCOL_VERSION, name: 'Ada', host: 'headless' } as const;

/** What the coordinator under test has around it, anew for each test. */
interface Scene {
  nowMs: number;
  timers: { readonly atMs: number; readonly call: () => void }[];
  store: RunStore;
  blobs: BlobStore;
  /** What was told to whoever watches. */
  said: string[];
  names: number;
}

const newScene = (): Scene => ({
  ...{ nowMs: 1_000, timers: [], said: [], names: 0 },
  ...{ store: memoryRunStore(), blobs: memoryBlobStore() },
});

export const scene: Scene = newScene();
export const resetScene = (): void => void Object.assign(scene, newScene());

/** Lets what is under way come to an end: everything here is promises without scene.timers. */
export const settle = async () => {
  for (let i = 0; i < 100; i++) await Promise.resolve();
};
export async function pass(ms: number): Promise<void> {
  scene.nowMs += ms;
  const due = scene.timers.filter((t) => t.atMs <= scene.nowMs);
  scene.timers = scene.timers.filter((t) => t.atMs > scene.nowMs);
  due.forEach((t) => t.call());
  await settle();
}

export const options = (over: Partial<RunOptions> = {}): RunOptions => ({
  info: {
    ...{
      run: 'r',
      name: 'test',
      objective: 'mae',
      preset: 'nano',
      parameters: 6,
      schemaHash: SCHEMA_HASH,
      model: {},
      dataset: {},
    },
    target: { kind: 'rounds', amount: 3 },
  },
  rules: {
    ...{
      run: 'r',
      parameters: 6,
      schemaHash: SCHEMA_HASH,
      target: { kind: 'rounds', amount: 3 },
      codec: 'float32',
      aggregate: 'auto',
      seed: 1,
    },
    ...{ optimizer: 'sgd', batch: { joint: 0, least: 2 }, innerSteps: 1 },
    ...{ quorum: 2, patienceMs: 1_000, reduceMs: 8_000 },
    decode: (_, bytes, length) => float32.decode(bytes, length),
    reduce: ({ parts, rule }, i, all) =>
      reducePart({ codec: float32, rule }, parts[i]!.end - parts[i]!.start, i, all),
    auditKey: key(1),
    spotChecks: 0,
    learningRateAt: () => 1,
  },
  ...{
    schema: SCHEMA,
    outer: { learningRate: 1, momentum: 0 },
    initialParams: () => FIRST.slice(),
  },
  ...{ shards: [{ hash: 'b'.repeat(64), count: 100 }], config: {}, store: scene.store, blobs: scene.blobs },
  ...{ startPaused: false, maxVolunteers: 3 },
  ...{ iceServersFor: () => [], joinUrls: () => [], scoring: undefined, noScores: 'none', scoreEvery: 1 },
  recompute: undefined,
  ...{ mapDrawing: undefined, mapBlobs: memoryBlobStore() },
  exportModel: async ({ round }) => `/export/${round}`,
  clock: {
    now: () => scene.nowMs,
    after(ms, call) {
      const timer = { atMs: scene.nowMs + ms, call };
      scene.timers.push(timer);
      return () => void (scene.timers = scene.timers.filter((t) => t !== timer));
    },
  },
  newName: (length) => `p${String(scene.names++)}`.padEnd(length, 'x'),
  observer: {
    round: (record) => void scene.said.push(`round ${record.round} ${record.reason ?? 'committed'}`),
    score: (score) => void scene.said.push(`score ${score.round}`),
    noScores: () => undefined,
    alert: (level, sentence) => void scene.said.push(`${level}: ${sentence}`),
    done: ({ rounds, export: path }) => void scene.said.push(`done ${rounds} ${path}`),
    failed: (sentence) => void scene.said.push(`failed: ${sentence}`),
  },
  ...over,
});

/** A volunteer that keeps all it hears and answers when told to. */
export class FakeVolunteer {
  readonly heard: CoordinatorMessage[] = [];
  readonly conversation: Conversation;
  constructor(
    readonly at: Coordinator,
    hello: Partial<MessageOf<VolunteerMessage, 'hello'>> = {},
  ) {
    this.conversation = at.volunteer((message) => void this.heard.push(message), {
      address: 'here',
      host: 'here',
    });
    this.conversation.receive({ ...HELLO, ...hello });
  }
  last<T extends CoordinatorMessage['type']>(type: T): MessageOf<CoordinatorMessage, T> | undefined {
    return this.heard.filter((m): m is MessageOf<CoordinatorMessage, T> => m.type === type).at(-1);
  }
  get peer(): string {
    return this.last('welcome')?.peer ?? '';
  }
  say(message: VolunteerMessage): void {
    this.conversation.receive(message);
  }
  available(): this {
    this.say({
      type: 'available',
      schemaHash: SCHEMA_HASH,
      version: this.last('welcome')?.status.version ?? '',
      device: 'test',
      workers: 1,
    });
    return this;
  }
  /** Trained: moved every parameter by `delta`. */
  ready(delta: number): Uint8Array[] {
    const manifest = this.last('round')?.manifest;
    const parts = (manifest?.parts ?? []).map(({ start, end }) =>
      float32.encode(new Float32Array(end - start).fill(delta)),
    );
    this.say({
      ...{
        type: 'ready',
        round: manifest?.round ?? 0,
        samples: 2,
        steps: 1,
        loss: 0.5,
        norm: 1,
        trainMs: 10,
        meshed: [],
      },
      hashes: parts.map(sha256Hex),
    });
    return parts;
  }
}
