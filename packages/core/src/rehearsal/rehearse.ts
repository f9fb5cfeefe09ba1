/**
 * A whole run in one thread: every volunteer trains on its own leases, contributions are encoded, reduced and committed
 * by the code of a real run, and nothing lies between them that could be late or fail. What it learns depends on the
 * arguments alone, so that configurations can be compared.
 */
import { ruleFor } from '../aggregate/rules.ts';
import { commitUpdate, type OuterState } from '../aggregate/commitUpdate.ts';
import type { Codec } from '../codec/codec.ts';
import { updateCodecOf } from '../codec/registry.ts';
import { NOTHING_CARRIED, openRound, settle } from '../engine/carried.ts';
import { combinedContribution } from '../engine/training.ts';
import { reducePart } from '../engine/contribution.ts';
import type { Contributor, RoundManifest } from '../protocol/round.ts';
import { createLeaseBook, type LeaseBook } from '../round/leases.ts';
import { chooseBatch, planParts } from '../round/plan.ts';
import { fold, key } from '../random/key.ts';
import { trafficOf } from '../round/traffic.ts';
import type { Carried, TrainResult, Work } from '../volunteer/ports.ts';
import { attackerCount, attackGradients } from './attacks.ts';
import { checkInTurn, NOBODY_KNOWN, type Standing } from './checking.ts';
import type { Rehearsed, RehearsalHost, RehearsalPlan, RehearsalProgress } from './plan.ts';
import { stepsOf, trainAll, type Member, type Rehearsal } from './training.ts';

interface Contribution {
  readonly peer: string;
  readonly trained: Extract<TrainResult, { readonly kind: 'trained' }>;
  /** What its volunteer carries into the next round. */
  readonly carried: Carried;
}

/** No version is named here: naming would hash every one of them for nothing. */
const NO_NAME = '0'.repeat(64);

const peerName = (i: number): string => `peer${String(i).padStart(4, '0')}`;

function manifestOf({ plan, members }: Rehearsal, length: number, done: RehearsalProgress): RoundManifest {
  const peers = members.map(({ peer }) => peer);
  const { batch, optimizer, seed, codec, samples } = plan;
  return {
    run: 'rehearsal',
    round: done.rounds + 1,
    base: NO_NAME,
    members: peers.map((peer) => ({ peer, name: peer, workers: 1, leases: [] })),
    parts: planParts(length, peers),
    codec: codec.id,
    rule: ruleFor(plan.aggregate, peers.length),
    seed,
    optimizer,
    learningRate: plan.learningRateAt(Math.min(1, done.samples / samples)),
    batchSize: chooseBatch(batch, peers.length),
    minSteps: stepsOf(plan).own,
    maxSteps: stepsOf(plan).own,
    trainMs: Number.MAX_SAFE_INTEGER,
    reduceMs: Number.MAX_SAFE_INTEGER,
  };
}

/** What each sends: its own work, or what attackers, who are the last, would rather have counted as theirs. */
function sentOf({ plan, members }: Rehearsal, round: number, works: readonly Work[]): Work[] {
  const { attackers, seed } = plan;
  const first = members.filter(({ attacks }) => !attacks).length;
  if (attackers === undefined || first === members.length) return [...works];
  const gradients = works.map((done) => done.gradient);
  const bad = attackGradients(fold(fold(key(seed), 'attack'), round), attackers.kind, {
    own: gradients.slice(first),
    honest: gradients.slice(0, first),
  });
  return works.map((done, i) => ({ ...done, gradient: bad[i - first] ?? done.gradient }));
}

/** What is sent of this work, with what its volunteer carries: what it does while that travels, among it. */
function contribution(
  manifest: RoundManifest,
  peer: string,
  { own, ahead, carried }: { own: Work; ahead: Work | undefined; carried: Carried },
): Contribution {
  const opened = openRound(carried, manifest.round);
  const { result: trained, given } = combinedContribution(manifest, [own], opened);
  if (trained.kind !== 'trained')
    throw new Error(trained.kind === 'failed' ? trained.sentence : trained.kind);
  // Whatever is contributed is in the next version.
  const taken = manifest.parts.map(() => true);
  const next = openRound(settle({ ...opened, given }, manifest.round, taken), manifest.round + 1);
  const late = ahead && { round: manifest.round, gradient: ahead.gradient };
  return { peer, trained, carried: { ...next, late } };
}

/** Each part as its owner reduces it from what all have sent, decoded again. */
function reduced(manifest: RoundManifest, codec: Codec, all: readonly Contribution[]): Float32Array[] {
  const contributors = all.map(({ peer, trained: { samples, steps, hashes } }): Contributor => {
    return { peer, samples, steps, hashes: [...hashes] };
  });
  return manifest.parts.map(({ start, end }, part) => {
    const contributions = all.map(({ trained }, i) => ({
      contributor: contributors[i] as Contributor,
      bytes: trained.parts[part] as Uint8Array,
    }));
    const mean = reducePart({ codec, rule: manifest.rule }, end - start, part, contributions);
    if (mean.kind === 'failed') throw new Error(mean.sentence);
    const decoded = updateCodecOf(codec).decode(mean.bytes, end - start);
    if (decoded.kind === 'refused') throw new Error(`rehearse: ${decoded.detail}`);
    return decoded.values;
  });
}

interface Point {
  readonly outer: OuterState;
  readonly book: LeaseBook;
  readonly done: RehearsalProgress;
  readonly uploadBytes: number;
  /** Of each volunteer, by name. */
  readonly carried: ReadonlyMap<string, Carried>;
  readonly standing: Standing;
}

async function playRound(whole: Rehearsal, point: Point): Promise<Point> {
  const { done, uploadBytes, carried, standing } = point;
  const rehearsal = { ...whole, members: whole.members.filter(({ peer }) => !standing.out.has(peer)) };
  const { plan, members } = rehearsal;
  const { codec, outer } = plan;
  const manifest = manifestOf(rehearsal, point.outer.params.length, done);
  const { works, aheads, book } = await trainAll(
    rehearsal,
    { ...point, params: point.outer.params },
    manifest,
  );
  const all = sentOf(rehearsal, manifest.round, works).map((own, i) => {
    const { peer } = members[i] as Member;
    return contribution(manifest, peer, {
      ...{ own, ahead: aheads[i], carried: carried.get(peer) ?? NOTHING_CARRIED },
    });
  });
  const update = { codec: updateCodecOf(codec), outer };
  const { state } = commitUpdate(point.outer, manifest.parts, reduced(manifest, codec, all), update);
  const samples = all.reduce((sum, { trained }) => sum + trained.samples, 0);
  const ahead = aheads.reduce((sum, more) => sum + (more?.samples ?? 0), 0);
  const loss = all.reduce((sum, { trained }) => sum + trained.loss * (trained.samples / samples), 0);
  return {
    outer: state,
    book,
    done: { rounds: done.rounds + 1, samples: done.samples + samples + ahead, loss },
    uploadBytes: uploadBytes + trafficOf(manifest.parts, members.length, codec).volunteerBytes,
    carried: new Map(all.map((one) => [one.peer, one.carried])),
    standing: checkInTurn(standing, { manifest, works, all }, plan.spotChecks),
  };
}

/** Plays the run from these parameters, which stay as they are. Throws where training fails: nothing here may. */
export async function rehearse(
  plan: RehearsalPlan,
  params: Float32Array,
  host: RehearsalHost,
): Promise<Rehearsed> {
  const { volunteers, attackers } = plan;
  const honest = volunteers - (attackers ? attackerCount(attackers, volunteers) : 0);
  const members: Member[] = [];
  try {
    for (let i = 0; i < volunteers; i++)
      members.push({ peer: peerName(i), trainer: await host.makeTrainer(), attacks: i >= honest });
    const zeros = new Float32Array(params.length);
    let point: Point = {
      outer: { params, momentum: zeros, residual: zeros },
      book: createLeaseBook(host.shards.entries),
      done: { rounds: 0, samples: 0, loss: NaN },
      uploadBytes: 0,
      carried: new Map(),
      standing: NOBODY_KNOWN,
    };
    while (point.done.samples < plan.samples) {
      point = await playRound({ plan, host, members }, point);
      await host.onRound(point.done);
    }
    const excluded = [...point.standing.out];
    return { ...point.done, params: point.outer.params, uploadBytes: point.uploadBytes, excluded };
  } finally {
    for (const { trainer } of members) trainer.dispose();
  }
}
