/** What is used where nobody says otherwise, each with its reason; the sizes of the models are in presets.ts. */
import type { AutoencoderConfig, ColorizeConfig, DenoiseConfig, MaeConfig, SimclrConfig } from './config.ts';

export const objectiveNames = ['mae', 'simclr', 'autoencoder', 'denoise', 'colorize', 'supervised'] as const;
export type ObjectiveName = (typeof objectiveNames)[number];

/** What people are shown of each objective. */
export const objectiveTitles: Readonly<Record<ObjectiveName, string>> = {
  mae: 'masked autoencoder',
  simclr: 'contrasted views',
  autoencoder: 'pictures through a narrow code',
  denoise: 'noise taken away',
  colorize: 'colours of grey pictures',
  supervised: 'classes, from labels',
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
  autoencoder: { learningRate: 1e-3, jointBatch: 64, leastBatch: 8 },
  denoise: { learningRate: 1e-3, jointBatch: 64, leastBatch: 8 },
  colorize: { learningRate: 1e-3, jointBatch: 64, leastBatch: 8 },
  supervised: { learningRate: 1e-3, jointBatch: 64, leastBatch: 8 },
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

/**
 * 32 numbers for the 3,072 of a glyph. Of decoders tried on glyphs with `nano`, 400 steps of 32 pictures and one seed, the mean
 * loss of the last 80 steps was 0.258 with a token for each patch by a dense layer, then two layers to its pixels (0.17 M
 * parameters); 0.276 with a dense layer to all pixels at once (0.8 M); 0.315 with tokens that differ by their positions alone and
 * 0.411 with a transformer block on those.
 */
export const autoencoderRecipe: Pick<AutoencoderConfig, 'bottleneck'> = { bottleneck: 32 };

/** Both kinds of Vincent et al. 2008 and 2010, on pixels from 0 to 1, so that a zero is black. */
export const denoiseRecipe: Pick<DenoiseConfig, 'noiseStd' | 'noiseMask'> = {
  noiseStd: 0.2,
  noiseMask: 0.25,
};

/**
 * Twice as wide as in Zhang et al. 2016: 75 colours, not the 261 of squares 10 wide, so that four cells a patch cost little more
 * than one with those, and a batch of 32 small pictures still counts each colour often.
 */
export const colorizeRecipe: Pick<ColorizeConfig, 'abStep'> = { abStep: 20 };

/** Data that want defaults of their own; grey and small pictures are seen to where views are made. */
export type DataKind = 'glyphs' | 'pictures';

type ModelRecipe = Partial<
  Omit<typeof maeRecipe, 'normPixLoss'> &
    typeof simclrRecipe &
    typeof autoencoderRecipe &
    typeof denoiseRecipe &
    typeof colorizeRecipe
>;
export type Recipe = TrainingRecipe & ModelRecipe;

const { normPixLoss: _, ...maskRecipe } = maeRecipe;

const modelRecipes: Readonly<Record<ObjectiveName, ModelRecipe>> = {
  mae: maskRecipe,
  simclr: simclrRecipe,
  autoencoder: autoencoderRecipe,
  denoise: denoiseRecipe,
  colorize: colorizeRecipe,
  supervised: {},
};

interface Exception {
  readonly objective: ObjectiveName;
  readonly kind: DataKind;
  readonly settings: Partial<Recipe>;
}

const EXCEPTIONS: readonly Exception[] = [
  // Their shapes fill the picture: 500 steps of 64 with patches of 8 gave a probe of 62 %, crops from 50 % of the area 51 %.
  { objective: 'simclr', kind: 'glyphs', settings: { cropScale: 0.8 } },
];

/** What an objective is trained with on such data where nobody says otherwise. */
export const recipeOf = (objective: ObjectiveName, kind: DataKind): Recipe =>
  EXCEPTIONS.filter((e) => e.objective === objective && e.kind === kind).reduce<Recipe>(
    (recipe, { settings }) => ({ ...recipe, ...settings }),
    { ...trainingRecipes[objective], ...modelRecipes[objective] },
  );
