import { float32 } from '@murmur/core/codec/float32';
import { reducePart } from '@murmur/core/engine/contribution';
import { createEngine } from '@murmur/core/engine/engine';
import { quietHost, testRun } from '@murmur/core/engine/engine.fixture';
import { recompute } from '@murmur/core/engine/recompute';
import { createShardStore } from '@murmur/core/engine/shardStore';
import { modelSpec } from '@murmur/core/models/modelSpec';
import { schemaOf, startOfRun } from '@murmur/core/models/parameters';
import type { CoordinatorMessage, MessageOf, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { startBackend } from '@murmur/core/tensor/backend';
import { createTrainer } from '@murmur/core/train/trainer';
import { schemaHash } from '@murmur/core/version/schemaHash';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import type { Work, WorkerPort } from '@murmur/core/volunteer/ports';
import { beforeEach, expect, test, vi } from 'vitest';
import { createCoordinator, type Coordinator } from './coordinator.ts';
import { HELLO, options, pass, resetScene, scene } from './coordinator.fixture.ts';
import type { RunOptions } from './options.ts';

const fixture = testRun();
const spec = modelSpec.parse(fixture.run.model);
const schema = schemaOf(spec);
const initial = startOfRun(spec, 1);
const target = { kind: 'rounds', amount: 10 } as const;
const clock = { now: () => 0, pause: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const makeTrainer = () => createTrainer(spec, { clock });

/** The pieces and updates of a round, where all can see them: there are no links here. */
interface Exchange {
  readonly pieces: Map<string, readonly Uint8Array[]>;
  readonly updates: Map<string, Uint8Array>;
  /** Rounds are as short here as checks: without this there would be one in many. */
  checked: Promise<unknown>;
}

/** A volunteer that trains with the real engine, and says what `lie` makes of its work. */
class Trainee {
  peer = '';
  readonly refusals: string[] = [];
  private readonly engine: WorkerPort = createEngine(quietHost(makeTrainer));
  private manifest: MessageOf<CoordinatorMessage, 'round'>['manifest'] | undefined;
  private contributors: MessageOf<CoordinatorMessage, 'reduce'>['contributors'] = [];
  private commit: MessageOf<CoordinatorMessage, 'commit'> | undefined;
  private readonly conversation: ReturnType<Coordinator['volunteer']>;

  constructor(
    at: Coordinator,
    private readonly exchange: Exchange,
    name: string,
    private readonly lie: (work: Work) => Work = (work) => work,
  ) {
    let last: Promise<void> = Promise.resolve();
    const send = (message: CoordinatorMessage): void => {
      // Whoever waits for all updates must not wait for the end of its own waiting.
      if (message.type === 'update') exchange.updates.set(`${message.round} ${message.part}`, message.bytes);
      else last = last.then(() => this.hear(message));
    };
    this.conversation = at.volunteer(send, { address: 'here', host: 'here' });
    this.say({ ...HELLO, name });
  }

  private say(message: VolunteerMessage): void {
    this.conversation.receive(message);
  }

  private async hear(message: CoordinatorMessage): Promise<void> {
    switch (message.type) {
      case 'welcome':
        return this.prepare(message);
      case 'refused':
        return void this.refusals.push(message.reason);
      case 'round':
        this.manifest = message.manifest;
        await this.exchange.checked;
        return this.train(message.manifest);
      case 'reduce':
        this.contributors = message.contributors;
        return message.owners.forEach(
          (owner, part) => owner === this.peer && this.reduce(message.round, part),
        );
      // The owner was excluded meanwhile.
      case 'replay':
        if (message.owner === null) return this.show(message);
        return message.owner === this.peer ? this.takeOver(message) : undefined;
      case 'commit':
        this.commit = message;
        return this.apply();
      case 'audit':
        return this.show(message);
      default:
        return;
    }
  }

  private takeOver({ round, part, hashes }: MessageOf<CoordinatorMessage, 'replay'>): void {
    this.contributors = this.contributors.map((contributor, i) => ({
      ...contributor,
      hashes: contributor.hashes.map((hash, k) => (k === part ? (hashes?.[i] ?? hash) : hash)),
    }));
    this.reduce(round, part);
  }

  private async prepare({ peer, run, status }: MessageOf<CoordinatorMessage, 'welcome'>): Promise<void> {
    this.peer = peer;
    const { schemaHash: hash, device } = await this.engine.prepare(run);
    await this.engine.load(writeSnapshot(schema, initial), status.version);
    for (const [shard, file] of fixture.files) await this.engine.addShard(shard, file);
    this.say({ type: 'available', schemaHash: hash, version: status.version, device, workers: 1 });
  }

  private async train(manifest: NonNullable<Trainee['manifest']>): Promise<void> {
    const { leases } = manifest.members.find((member) => member.peer === this.peer)!;
    const divided = await this.engine.divide(manifest, leases, 1);
    if (divided.kind === 'failed') throw new Error(divided.sentence);
    const done = await this.engine.work(divided.orders[0]!, () => undefined);
    if (done.kind !== 'worked') throw new Error(JSON.stringify(done));
    const result = await this.engine.contribute(manifest, [this.lie(done)]);
    if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
    const { samples, steps, loss, norm, parts, hashes } = result;
    this.exchange.pieces.set(`${manifest.round} ${this.peer}`, parts);
    const told = { samples, steps, loss, norm, trainMs: 1, hashes: [...hashes], meshed: [] };
    this.say({ type: 'ready', round: manifest.round, ...told });
  }

  private show({ round, part }: { readonly round: number; readonly part: number }): void {
    const bytes = this.exchange.pieces.get(`${round} ${this.peer}`)![part]!;
    this.say({ type: 'contribution', round, part, bytes });
  }

  private reduce(round: number, part: number): void {
    const { parts, rule } = this.manifest!;
    const { start, end } = parts[part]!;
    const pieces = this.contributors.map((contributor) => ({
      contributor,
      bytes: this.exchange.pieces.get(`${round} ${contributor.peer}`)![part]!,
    }));
    const made = reducePart({ codec: float32, rule }, end - start, part, pieces);
    if (made.kind === 'failed') throw new Error(made.sentence);
    this.say({ type: 'reduced', round, part, contributors: [...made.contributors], bytes: made.bytes });
  }

  private async apply(): Promise<void> {
    const { manifest, commit } = this;
    if (!manifest || !commit) return;
    const { round } = commit;
    const updates = () => commit.updates.map((_, part) => this.exchange.updates.get(`${round} ${part}`));
    await vi.waitUntil(() => updates().every((bytes) => bytes !== undefined));
    await this.engine.settle(
      round,
      manifest.parts.map(() => true),
    );
    const { version } = await this.engine.apply(
      manifest,
      updates().map((bytes) => bytes!),
    );
    expect(version).toBe(commit.version);
    this.say({ type: 'applied', round, version, meshBytes: 0, resynced: false });
  }
}

const shards = createShardStore(fixture.dataset);

const realOptions = (exchange: Exchange): RunOptions => {
  const { rules } = options();
  const run = { parameters: fixture.size, schemaHash: schemaHash(schema), target };
  return options({
    info: { ...fixture.run, ...run },
    rules: {
      ...{ ...rules, ...run, spotChecks: 1, optimizer: 'adamw', quorum: 3, patienceMs: 100, innerSteps: 2 },
      ...{ batch: { joint: 0, least: 2 }, learningRateAt: () => 1e-3 },
    },
    schema,
    initialParams: () => initial.slice(),
    shards: fixture.dataset.shards,
    maxVolunteers: 8,
    async recompute(stints, { start, end }) {
      const doing = recompute({ makeTrainer, shards, isOver: () => false }, stints);
      exchange.checked = doing;
      const done = await doing;
      if (done.kind === 'failed') throw new Error(done.sentence);
      return done.gradient.slice(start, end);
    },
  });
};

beforeEach(async () => {
  resetScene();
  await startBackend({});
  for (const [hash, file] of fixture.files) shards.add(hash, file);
});

test(
  'AG5 AG6: of three who train, the one that sends its work turned round is excluded within a few rounds, and nobody else ever',
  { timeout: 120_000 },
  async () => {
    const exchange: Exchange = { pieces: new Map(), updates: new Map(), checked: Promise.resolve() };
    const coordinator = await createCoordinator(realOptions(exchange));
    const turned = (work: Work): Work => ({ ...work, gradient: work.gradient.map((value) => -value) });
    const ada = new Trainee(coordinator, exchange, 'Ada');
    const bob = new Trainee(coordinator, exchange, 'Bob');
    const liar = new Trainee(coordinator, exchange, 'Eve', turned);
    let seen: OperatorSnapshot | undefined;
    coordinator.operator((snapshot) => (seen = snapshot));
    await vi.waitUntil(
      async () => {
        await pass(20);
        return scene.said.some((line) => line.startsWith('done'));
      },
      { timeout: 110_000 },
    );
    coordinator.operator((snapshot) => (seen = snapshot));
    expect(seen?.bans.map(({ name }) => name)).toEqual(['Eve']);
    expect(seen?.bans[0]?.sentence).toMatch(/is not what training on its examples gives/);
    expect(seen?.bans[0]?.round).toBeLessThan(10);
    expect(liar.refusals).toContain('banned');
    expect([...ada.refusals, ...bob.refusals]).toEqual([]);
    expect(scene.said.filter((line) => line.endsWith('committed')).length).toBe(10);
    await coordinator.stop();
  },
);
