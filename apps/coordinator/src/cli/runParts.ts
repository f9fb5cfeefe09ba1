import type { DatasetManifest } from '@murmur/core/data/manifest';
import { exampleCount } from '@murmur/core/data/manifest';
import type { CardFacts } from '@murmur/core/export/modelCard';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import { exportModel, type ExportRequest } from '../evaluate/exportModel.ts';
import { createRecomputer, type Recomputer } from '../evaluate/recomputer.ts';
import { createScorer, type Score, type Scorer } from '../evaluate/scorer.ts';
import type { Dataset } from '../ingest/dataset.ts';
import type { ExportFacts, MapDrawing, ScoringPort } from '../run/options.ts';
import { Failure } from './failure.ts';
import { refusalCode } from './systemSentence.ts';

/** Scores of a run, or the sentence why there are none. */
export interface RunScoring {
  readonly scoring: ScoringPort | undefined;
  readonly noScores: string | null;
  readonly mapDrawing: MapDrawing | undefined;
  close(): Promise<void>;
}

export interface ScoringRequest {
  readonly dataset: Dataset;
  readonly spec: ModelSpec;
  readonly evalSamples: number;
}

/** Opens the evaluator on the pictures that were set aside. */
export async function openScoring({ dataset, spec, evalSamples }: ScoringRequest): Promise<RunScoring> {
  const evaluation = await dataset.evaluation();
  if (!evaluation) return unscored('There are no scores: no pictures were set aside for the evaluator.');
  const made = createScorer({ spec, evaluation, evalSamples });
  if (made.kind === 'noLabels') return unscored(made.sentence);
  const { scorer } = made;
  return {
    scoring: scoringOver(scorer),
    noScores: null,
    mapDrawing: { pictures: scorer.mapPictures, draw: scorer.map },
    close: () => scorer.close(),
  };
}

const unscored = (noScores: string): RunScoring => ({
  scoring: undefined,
  noScores,
  mapDrawing: undefined,
  close: async () => undefined,
});

const scoringOver = (scorer: Scorer): ScoringPort => ({
  baselines: async (untrainedParams) => {
    const { untrained, pixels } = await scorer.baselines(untrainedParams);
    return { untrained: share(untrained), pixels: share(pixels) };
  },
  score: async (params) => {
    const { knn, probe, testCount, trainCount, features, seconds, intervals } = await scorer.score(params);
    return { knn, probe, testCount, trainCount, features, seconds, intervals, token: 'mean' };
  },
});

const share = ({ knn, probe }: Score): { knn: number; probe: number } => ({ knn, probe });

/** What trains again what volunteers trained, in a thread that starts with the first check; undefined where none of the time is for it. */
export const openRecomputing = ({
  dataset,
  spec,
  share,
}: Pick<ScoringRequest, 'dataset' | 'spec'> & { readonly share: number }): Recomputer | undefined =>
  share > 0 ? createRecomputer({ dataset, spec }) : undefined;

export interface ModelExport {
  readonly run: string;
  readonly spec: ModelSpec;
  readonly dataset: Dataset;
  readonly outDir: string;
  readonly facts: ExportFacts;
}

/** Writes the Hugging Face folders of a version. Resolves to where they are. */
export async function exportRunModel({ run, spec, dataset, outDir, facts }: ModelExport): Promise<string> {
  const evaluation = await dataset.evaluation();
  return exportInto({
    spec,
    params: facts.params,
    // The parity check needs any picture; without one that was set aside, a black one and its negative serve.
    pictures: evaluation?.pictures ?? new Uint8Array(spec.config.imageSize ** 2 * spec.config.numChannels),
    outDir,
    card: cardOf(run, dataset.manifest, facts),
  });
}

/** Throws a sentence where the folder cannot be written. */
const exportInto = (request: ExportRequest): Promise<string> =>
  exportModel(request).catch((error: unknown) => {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    // What failed is a file on the way there, whose name would mean nothing to anybody.
    const sentence =
      `${request.outDir} cannot be written (${code}): see that it is a folder, that this user may write there, ` +
      'and that its disk has room.';
    throw new Failure(sentence, undefined, { cause: error });
  });

const cardOf = (run: string, manifest: DatasetManifest, facts: ExportFacts): CardFacts => ({
  run,
  version: facts.version,
  rounds: facts.round,
  samples: facts.samplesDone,
  data: { name: manifest.name, examples: exampleCount(manifest) },
  scores: facts.score,
});
