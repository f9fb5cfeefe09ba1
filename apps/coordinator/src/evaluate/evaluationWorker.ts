/** The thread of `murmur evaluate`: measures an encoder and what it is compared with, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { bootstrapMean, pairedDifferences, type Estimate } from '@murmur/core/evaluate/bootstrap';
import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { scoreRepresentation, type ByMeasure, type RepresentationScore } from '@murmur/core/evaluate/score';
import { tensorMultiplier } from '@murmur/core/evaluate/tensorProducts';
import { encoderSchema } from '@murmur/core/models/parameters';
import { encodeTokens } from '@murmur/core/objectives/encodePictures';
import { fold, key } from '@murmur/core/random/key';
import { startBackend } from '@murmur/core/tensor/backend';
import type { EvaluationJob, EvaluationMessage, EvaluationReport } from './evaluationMessages.ts';

const job = workerData as EvaluationJob;
const { spec, labelled, seed } = job;

const post = (message: EvaluationMessage): void => parentPort?.postMessage(message);

async function report(): Promise<EvaluationReport> {
  const began = performance.now();
  await startBackend({});
  const { imageSize: side, numChannels: channels } = spec.config;
  const encoder = score('this version', () => encoded(job.params));
  const untrained = score('the untrained encoder', () => encoded(job.untrained));
  const pixels = score('raw pixels', () => pixelFeatures(labelled.pictures, { side, channels }));
  return {
    encoder,
    baselines: { untrained, pixels },
    gains: { untrained: gain(encoder, untrained), pixels: gain(encoder, pixels) },
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

function score(what: string, featuresOf: () => Matrix): RepresentationScore {
  post({ type: 'progress', sentence: `measuring ${what}` });
  const { labels, testCount } = labelled;
  const rows = Uint32Array.from(labels.keys());
  const split = { test: rows.slice(0, testCount), train: rows.slice(testCount) };
  const set = { ...labelled, features: featuresOf() };
  return scoreRepresentation(set, { split, seed, multiplier: tensorMultiplier });
}

function gain(encoder: RepresentationScore, other: RepresentationScore): ByMeasure<Estimate> {
  const of = (measure: keyof ByMeasure<unknown>) =>
    bootstrapMean(
      fold(fold(key(seed), 'gain'), measure),
      pairedDifferences(encoder.hits[measure], other.hits[measure]),
    );
  return { knn: of('knn'), probe: of('probe') };
}

report().then(
  (measured) => post({ type: 'report', report: measured }),
  (error: unknown) =>
    post({ type: 'failed', sentence: error instanceof Error ? error.message : String(error) }),
);
