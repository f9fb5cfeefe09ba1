/** The thread of `murmur evaluate`: measures an encoder and what it is compared with, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { bootstrapMean, pairedDifferences, type Estimate } from '@murmur/core/evaluate/bootstrap';
import { FEW_LABEL_SHARES, scoreFewLabels } from '@murmur/core/evaluate/fewLabels';
import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { scoreRepresentation, type ByMeasure, type EvaluationSplit } from '@murmur/core/evaluate/score';
import { tensorMultiplier } from '@murmur/core/evaluate/tensorProducts';
import { encoderSchema } from '@murmur/core/models/parameters';
import { encodeTokens } from '@murmur/core/objectives/encodePictures';
import { fold, key } from '@murmur/core/random/key';
import { startBackend } from '@murmur/core/tensor/backend';
import type { EvaluationJob, EvaluationMessage, EvaluationReport, Measured } from './evaluationMessages.ts';
import { fineTuneBoth } from './fineTuneBoth.ts';

const job = workerData as EvaluationJob;
const { spec, labelled, seed } = job;
const rows = Uint32Array.from(labelled.labels.keys());
const split: EvaluationSplit = {
  test: rows.slice(0, labelled.testCount),
  train: rows.slice(labelled.testCount),
};

const post = (message: EvaluationMessage): void => parentPort?.postMessage(message);
const tell = (sentence: string): void => post({ type: 'progress', sentence });

async function report(): Promise<EvaluationReport> {
  const began = performance.now();
  await startBackend({});
  const { imageSize: side, numChannels: channels } = spec.config;
  const encoder = measure('this version', () => encoded(job.params));
  const untrained = measure('the untrained encoder', () => encoded(job.untrained));
  const pixels = measure('raw pixels', () => pixelFeatures(labelled.pictures, { side, channels }));
  const fineTuned = job.fineTune ? await fineTuneBoth(job, split, tell) : undefined;
  return {
    encoder,
    baselines: { untrained, pixels },
    gains: { untrained: gain(encoder, untrained), pixels: gain(encoder, pixels) },
    ...(fineTuned && { fineTuned }),
    seconds: (performance.now() - began) / 1000,
  };
}

function encoded(params: Float32Array): Matrix {
  const { pictures, labels } = labelled;
  const request = { schema: encoderSchema(spec.config), params, pictures, count: labels.length };
  const values = encodeTokens(spec, request)[job.token];
  if (values.every(Number.isFinite)) return { values, rows: labels.length, width: spec.config.hiddenSize };
  throw new Error('The encoder gives features that are not finite: this version has diverged.');
}

function measure(what: string, featuresOf: () => Matrix): Measured {
  tell(`measuring ${what}`);
  const set = { ...labelled, features: featuresOf() };
  const score = scoreRepresentation(set, { split, seed, multiplier: tensorMultiplier });
  if (!job.fewLabel) return { score, fewLabels: [] };
  tell(`measuring ${what} with few labels`);
  const from = fold(key(seed), 'few labels');
  const fewLabels = FEW_LABEL_SHARES.map((share, i) =>
    scoreFewLabels(set, { split, share, key: fold(from, i) }),
  );
  return { score, fewLabels };
}

function gain({ score: one }: Measured, { score: other }: Measured): ByMeasure<Estimate> {
  const of = (measured: keyof ByMeasure<unknown>) =>
    bootstrapMean(
      fold(fold(key(seed), 'gain'), measured),
      pairedDifferences(one.hits[measured], other.hits[measured]),
    );
  return { knn: of('knn'), probe: of('probe') };
}

report().then(
  (measured) => post({ type: 'report', report: measured }),
  (error: unknown) =>
    post({ type: 'failed', sentence: error instanceof Error ? error.message : String(error) }),
);
