import type { EncoderSpec, ModelSpec } from '@murmur/core/models/modelSpec';
import { encoderSchema, startOfRun } from '@murmur/core/models/parameters';
import { schemaSize } from '@murmur/core/tensor/params';
import { openDataset, type Dataset } from '../ingest/dataset.ts';
import { specFor } from './specFor.ts';
import type { ServeOptions } from './resolveOptions.ts';
import { readSettings, runFiles } from './runDir.ts';

/** An encoder to evaluate, with the one that it began as. */
export interface OpenVersion {
  /** Of the version, or the path that was given. */
  readonly name: string;
  readonly spec: EncoderSpec;
  /** Of the encoder alone, in the order of its schema. */
  readonly params: Float32Array;
  readonly untrained: Float32Array;
  /** The run that it is of, if any. */
  readonly run?: { readonly dataset: Dataset; readonly settings: ServeOptions };
}

/** The model of a run, without a version. */
export interface OpenModel extends Omit<OpenVersion, 'name' | 'params' | 'spec'> {
  readonly spec: ModelSpec;
  /** The encoder is what the parameters of every model begin with. */
  encoderOf(params: Float32Array): Float32Array;
}

/** Reads what the run in `dir` trains. Throws a sentence. */
export async function openModel(dir: string): Promise<OpenModel> {
  const settings = await readSettings(dir);
  const dataset = await openDataset(runFiles.data(dir));
  const spec = specFor(settings, dataset.manifest);
  const encoderOf = (params: Float32Array) => params.slice(0, schemaSize(encoderSchema(spec.config)));
  const untrained = encoderOf(startOfRun(spec, settings.seed));
  return { spec, encoderOf, untrained, run: { dataset, settings } };
}
