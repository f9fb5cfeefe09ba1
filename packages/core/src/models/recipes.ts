/** What is used where nobody says otherwise, each with its reason; the sizes of the models are in presets.ts. */
import type { MaeConfig, SimclrConfig } from './config.ts';

export const objectiveNames = ['mae', 'simclr'] as const;
export type ObjectiveName = (typeof objectiveNames)[number];

/** What people are shown of each objective. */
export const objectiveTitles: Readonly<Record<ObjectiveName, string>> = {
  mae: 'masked autoencoder',
  simclr: 'contrasted views',
};

export interface TrainingRecipe {
  /** Peak of AdamW's schedule. */
  readonly learningRate: number;
  /** Samples per step of all workers of all volunteers together, so that a run with more of them takes no fewer steps. */
  readonly jointBatch: number;
  /** Of one worker, however many there are: below it a core computes less, and contrasts find too few negatives. */
  readonly leastBatch: number;
}

export const trainingRecipes: Readonly<Record<ObjectiveName, TrainingRecipe>> = {
  mae: { learningRate: 1e-3, jointBatch: 64, leastBatch: 8 },
  simclr: { learningRate: 1e-3, jointBatch: 128, leastBatch: 32 },
};

/** Raw pixels are the target: per-patch normalisation amplifies noise in flat patches. */
export const maeRecipe: Pick<MaeConfig, 'maskRatio' | 'normPixLoss'> = {
  maskRatio: 0.75, // He et al. 2022, figure 5
  normPixLoss: false,
};

/**
 * Chosen on `glyphs` with `nano`: of 400 steps of 64 pictures, crops from 50 % of the area gave a probe of 42 % and a kNN of
 * 20 %, those from 20 % gave 36 % and 13 %. Temperatures of 0.1, 0.2 and 0.5 lay within two points of each other. The large
 * shapes of glyphs would like 80 % better still (patch 8, 500 steps: 62 % and 54 % against 51 % and 30 %), photographs less:
 * Chen et al. 2020 take 8 %.
 */
export const simclrRecipe: Pick<SimclrConfig, 'temperature' | 'views' | 'cropScale' | 'colorStrength'> = {
  temperature: 0.2,
  views: 'simclr',
  cropScale: 0.5,
  colorStrength: 0.5, // Chen et al. 2020, appendix B.9, for pictures of 32 pixels; 1 was worse on glyphs too
};
