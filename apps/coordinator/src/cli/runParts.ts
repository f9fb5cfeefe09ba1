import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maeSchema } from '@murmur/core/models/parameters';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import type { RunParts } from './openRun.ts';
import { runFiles } from './runDir.ts';

/** Scoring and export as far as they exist: the evaluator and the Hugging Face folders plug in here. */
export const runParts: RunParts = {
  openScoring: async (request) => ({
    scoring: undefined,
    noScores: request.report.labelled
      ? 'Scores are left out: this build has no evaluator yet.'
      : 'Scores are left out: the data set has no labels.',
  }),
  async exportModel(request, spec, { params }) {
    const dir = runFiles.export(request.dir);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'model.safetensors'), writeSnapshot(maeSchema(spec.config), params));
    return dir;
  },
};
