import { randomInt } from 'node:crypto';
import { codecOf } from '@murmur/core/codec/registry';
import type { DatasetManifest } from '@murmur/core/data/manifest';
import { modelSpec, specOf, type ModelSpec } from '@murmur/core/models/modelSpec';
import { initialParams, maeSchema } from '@murmur/core/models/parameters';
import { learningRateOver } from '@murmur/core/optim/schedule';
import type { RunInfo } from '@murmur/core/protocol/run';
import { fold, key } from '@murmur/core/random/key';
import type { RoundRules } from '@murmur/core/round/state';
import { schemaSize, type ParamSchema } from '@murmur/core/tensor/params';
import { schemaHash } from '@murmur/core/version/schemaHash';
import type { LiveRun, RunRequest } from '../cli/liveRun.ts';
import type { ServeOptions } from '../cli/resolveOptions.ts';
import type { DoneFacts } from '../observe/announcer.ts';
import { createCoordinator } from './coordinator.ts';
import type { RunOptions } from './options.ts';

/** Share of a run in which the learning rate rises. */
const WARMUP = 0.05;
/** Later rounds do not wait longer than this for volunteers that have left. */
const PATIENCE_MS = 20_000;
const REDUCE_MS = 20_000;

/** What measures and exports versions; it needs the tensor library and so lives elsewhere. */
export interface Learning {
  readonly scoring: RunOptions['scoring'];
  readonly noScores: string | null;
  readonly exportModel: RunOptions['exportModel'];
  close(): Promise<void>;
}

export type OpenLearning = (request: RunRequest, spec: ModelSpec) => Promise<Learning>;

/** Opens the run of a request: the model from its settings, the books from its store. */
export async function openRun(request: RunRequest, openLearning: OpenLearning): Promise<LiveRun> {
  const { options, dataset, store } = request;
  const spec = specFor(options, dataset.manifest);
  const schema = maeSchema(spec.config);
  const codec = codecOf(options.codec);
  if (!codec) throw new Error(`There is no codec "${options.codec}": use int8 or float32.`);
  const stored = await store.load();
  const info = runInfo(request, { spec, schema, run: stored?.head.run ?? newName(12) });
  const learning = await openLearning(request, spec);
  const ended = deferred<DoneFacts>();
  const coordinator = await createCoordinator({
    ...learning,
    info,
    rules: rulesFor(options, info, (length) => codec.encodedBytes(length)),
    schema,
    codec,
    outer: { learningRate: options.outerLr, momentum: options.outerMomentum },
    initialParams: () => initialParams(spec.config, fold(key(options.seed), 'parameters')),
    shards: dataset.manifest.shards,
    config: request.settings,
    store,
    blobs: request.versions,
    startPaused: options.paused,
    maxVolunteers: options.maxVolunteers,
    iceServersFor: (host) => iceServers(host, request.stunUrls()),
    joinUrls: request.joinUrls,
    scoreEvery: options.scoreEvery,
    clock: { now: () => Date.now(), after },
    newName,
    observer: {
      round: request.onRound,
      score: request.onScore,
      noScores: request.onNoScores,
      alert: (level, sentence) => request.onAlert({ atMs: Date.now(), level, sentence }),
      done: ended.resolve,
      failed: (sentence) => ended.reject(new Error(sentence)),
    },
  });
  return {
    port: coordinator,
    resumedAt: coordinator.resumedAt,
    started: !options.paused,
    done: ended.promise,
    alert: coordinator.alert,
    async stop() {
      await coordinator.stop();
      await learning.close();
    },
  };
}

function specFor(options: ServeOptions, { side, channels, patch, mean, std }: DatasetManifest): ModelSpec {
  const spec = specOf(
    options.preset,
    { imageSize: side, patchSize: patch, numChannels: channels },
    { mean, std },
  );
  const config = { ...spec.config, maskRatio: options.maskRatio, normPixLoss: options.normPix };
  return modelSpec.parse({ ...spec, config });
}

function runInfo(
  { options, dataset, report }: RunRequest,
  { spec, schema, run }: { spec: ModelSpec; schema: ParamSchema; run: string },
): RunInfo {
  return {
    run,
    name: options.name ?? report.manifest.name,
    objective: options.objective,
    preset: options.preset,
    parameters: schemaSize(schema),
    schemaHash: schemaHash(schema),
    model: spec,
    dataset: dataset.manifest,
    target: options.target,
  };
}

function rulesFor(
  options: ServeOptions,
  info: RunInfo,
  encodedBytes: (length: number) => number,
): RoundRules {
  const schedule = { baseRate: options.learningRate, minRate: 0, warmup: WARMUP };
  return {
    run: info.run,
    parameters: info.parameters,
    schemaHash: info.schemaHash,
    target: info.target,
    codec: options.codec,
    encodedBytes,
    seed: options.seed,
    optimizer: options.optimizer,
    learningRateAt: (progress) => learningRateOver(progress, schedule),
    batchSize: options.batchSize,
    innerSteps: options.innerSteps,
    quorum: options.minVolunteers ?? Math.max(1, options.volunteers),
    patienceMs: PATIENCE_MS,
    reduceMs: REDUCE_MS,
  };
}

/** STUN answers where the volunteer reaches the coordinator; only so a host name of a LAN works for it. */
function iceServers(host: string, known: readonly string[]): { urls: string }[] {
  const port = /:(\d+)$/.exec(known[0] ?? '')?.[1];
  if (port === undefined) return [];
  return [{ urls: host === '' ? (known[0] ?? '') : `stun:${host}:${port}` }];
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const newName = (length: number): string =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (cause: Error) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (cause: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
