import { randomInt } from 'node:crypto';
import type { DatasetManifest } from '@murmur/core/data/manifest';
import { decodeReduced, reduceFor } from '@murmur/core/engine/contribution';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import { schemaOf, startOfRun } from '@murmur/core/models/parameters';
import { learningRateOver } from '@murmur/core/optim/schedule';
import type { RunInfo } from '@murmur/core/protocol/run';
import { key as makeKey } from '@murmur/core/random/key';
import type { BatchRule } from '@murmur/core/round/plan';
import type { RoundRules } from '@murmur/core/round/state';
import { schemaSize, type ParamSchema } from '@murmur/core/tensor/params';
import { schemaHash } from '@murmur/core/version/schemaHash';
import { createCoordinator } from '../run/coordinator.ts';
import type { RunObserver } from '../run/options.ts';
import type { StoredRun } from '../store/runStore.ts';
import type { DoneFacts } from '../observe/announcer.ts';
import { Failure } from './failure.ts';
import { iceServers } from './iceServers.ts';
import type { LiveRun, RunRequest } from './liveRun.ts';
import type { ServeOptions } from './resolveOptions.ts';
import { runFiles } from './runDir.ts';
import { exportRunModel, openRecomputing, openScoring } from './runParts.ts';
import { specFor } from './specFor.ts';

const WARMUP = 0.05;
/** A schedule over progress would begin at rate 0 and so waste the first of a few rounds. */
const LEAST_PROGRESS = WARMUP / 2;
const LAST_RATE = 0.02;
const PATIENCE_MS = 15_000;
const REDUCE_MS = 20_000;

/** Makes the run that the settings describe, or takes up the one in the store. */
export async function openRun(request: RunRequest): Promise<LiveRun> {
  const { options, report, store } = request;
  const stored = await store.load();
  const config = { settings: request.settings, dataset: manifestHash(report.manifest) };
  if (stored) checkData(stored, config.dataset);
  const spec = specFor(options, report.manifest);
  const { scoring, noScores, mapDrawing, close } = await openScoring({
    ...request,
    spec,
    evalSamples: options.evalSamples,
  });
  const recomputing = openRecomputing({ ...request, spec, share: options.spotChecks });
  const end = doneSignal();
  const run = stored?.head.run ?? newName(12);
  const schema = schemaOf(spec);
  const coordinator = await createCoordinator({
    outer: { learningRate: options.outerLr, momentum: options.outerMomentum },
    info: infoOf({ request, run, spec, schema }),
    rules: rulesOf(options, run, schema),
    schema,
    initialParams: () => startOfRun(spec, options.seed),
    shards: report.manifest.shards,
    config,
    store,
    blobs: request.versions,
    startPaused: options.paused,
    maxVolunteers: options.maxVolunteers,
    iceServersFor: (host) => iceServers(request.stunUrls(host), options),
    joinUrls: request.joinUrls,
    recompute: recomputing?.recompute,
    scoring,
    noScores,
    mapDrawing,
    mapBlobs: request.maps,
    scoreEvery: options.scoreEvery,
    exportModel: (facts) =>
      exportRunModel({ ...request, run, spec, outDir: runFiles.export(request.dir), facts }),
    clock: { now: request.clock.wallMs, after: request.clock.after },
    newName,
    observer: observerOf(request, end),
  });
  return {
    port: coordinator,
    resumedAt: coordinator.resumedAt,
    started: coordinator.status().status.phase !== 'paused',
    done: end.done,
    alert: coordinator.alert,
    stop: async () => {
      await coordinator.stop();
      await recomputing?.close();
      await close();
    },
  };
}

function infoOf(from: { request: RunRequest; run: string; spec: ModelSpec; schema: ParamSchema }): RunInfo {
  const { request, run, spec, schema } = from;
  const { options, report } = request;
  return {
    run,
    name: (options.name ?? report.manifest.name).slice(0, 200),
    objective: options.objective,
    preset: options.preset,
    parameters: schemaSize(schema),
    schemaHash: schemaHash(schema),
    model: spec,
    dataset: report.manifest,
    target: options.target,
  };
}

export function rulesOf(options: ServeOptions, run: string, schema: ParamSchema): RoundRules {
  return {
    run,
    parameters: schemaSize(schema),
    schemaHash: schemaHash(schema),
    target: options.target,
    codec: options.codec,
    decode: decodeReduced,
    reduce: reduceFor,
    aggregate: options.aggregate,
    seed: options.seed,
    auditKey: makeKey(randomInt(2 ** 32)),
    spotChecks: options.spotChecks,
    optimizer: options.optimizer,
    learningRateAt: (progress) => rateAt(options, progress),
    batch: batchRuleOf(options),
    innerSteps: options.innerSteps,
    quorum: options.minVolunteers ?? Math.max(1, options.volunteers),
    patienceMs: PATIENCE_MS,
    reduceMs: REDUCE_MS,
  };
}

/** What each worker takes is fixed where somebody fixed it; else all together share the joint batch. */
export const batchRuleOf = ({ batchSize, jointBatch, leastBatch }: ServeOptions): BatchRule =>
  batchSize === undefined ? { joint: jointBatch, least: leastBatch } : { joint: 0, least: batchSize };

/** AdamW warms up and follows a cosine; plain SGD keeps its rate, so that it stays what the textbook says. */
export function rateAt({ optimizer, learningRate }: ServeOptions, progress: number): number {
  if (optimizer === 'sgd') return learningRate;
  const schedule = { baseRate: learningRate, minRate: LAST_RATE * learningRate, warmup: WARMUP };
  return learningRateOver(Math.max(progress, LEAST_PROGRESS), schedule);
}

/** The shards name the data by their bytes; a model that tells classes apart depends on their number, too. */
export function manifestHash({ shards, patch, classCount }: DatasetManifest): string {
  const classes = classCount === undefined ? [] : [`${classCount} classes`];
  const words = [patch, ...classes, ...shards.map((shard) => shard.hash)];
  return sha256Hex(new TextEncoder().encode(words.join(' ')));
}

/** Leases name shards, so a run cannot go on with other data. */
function checkData(stored: StoredRun, hash: string): void {
  const { config } = stored;
  const known =
    typeof config === 'object' && config !== null && 'dataset' in config ? config.dataset : undefined;
  if (known === hash) return;
  throw new Failure(
    'The data are not those that this run was created with: bring the old ones back, or start over with --fresh.',
  );
}

interface DoneSignal {
  readonly done: Promise<DoneFacts>;
  readonly resolve: (facts: DoneFacts) => void;
  readonly reject: (error: Error) => void;
}

function doneSignal(): DoneSignal {
  let resolve: DoneSignal['resolve'] = () => undefined;
  let reject: DoneSignal['reject'] = () => undefined;
  const done = new Promise<DoneFacts>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever waits for the end meets a failure; until somebody does, it must not count as unhandled.
  done.catch(() => undefined);
  return { done, resolve, reject };
}

const observerOf = (request: RunRequest, end: DoneSignal): RunObserver => ({
  round: request.onRound,
  score: request.onScore,
  noScores: request.onNoScores,
  alert: request.onAlert,
  done: end.resolve,
  failed: (sentence) => end.reject(new Failure(sentence)),
});

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const newName = (length: number): string =>
  Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
