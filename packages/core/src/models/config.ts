import { z } from 'zod';

const count = z.number().int().positive();

/** The ViT that every objective trains; the fields of Hugging Face's `ViTConfig` in camelCase. */
const encoderShape = {
  imageSize: count.max(512),
  patchSize: count,
  numChannels: count.max(4),
  hiddenSize: count,
  numHiddenLayers: count,
  numAttentionHeads: count,
  intermediateSize: count,
  layerNormEps: z.number().positive(),
  qkvBias: z.boolean(),
};

type Issue = (message: string) => void;

function mustDivide(part: number, whole: number, message: string, issue: Issue): void {
  if (whole % part !== 0) issue(message);
}

function checkEncoder(c: EncoderConfig, issue: Issue): void {
  const { patchSize, imageSize, hiddenSize, numAttentionHeads } = c;
  mustDivide(
    patchSize,
    imageSize,
    `imageSize ${imageSize} must be a multiple of patchSize ${patchSize}`,
    issue,
  );
  mustDivide(4, hiddenSize, `hiddenSize ${hiddenSize} must be a multiple of 4 (2-D positions)`, issue);
  mustDivide(numAttentionHeads, hiddenSize, 'hiddenSize must be a multiple of numAttentionHeads', issue);
}

interface Issues {
  addIssue(issue: { code: 'custom'; message: string }): void;
}

const issueIn =
  (context: Issues): Issue =>
  (message) =>
    context.addIssue({ code: 'custom', message });

const encoderFits = (c: EncoderConfig, context: Issues): void => checkEncoder(c, issueIn(context));

export const encoderConfig = z.object(encoderShape).superRefine(encoderFits);

export type EncoderConfig = z.infer<z.ZodObject<typeof encoderShape>>;

/** A ViT masked autoencoder; the fields of Hugging Face's `ViTMAEConfig` in camelCase. */
export const maeConfig = z
  .object({
    ...encoderShape,
    decoderHiddenSize: count,
    decoderNumHiddenLayers: count,
    decoderNumAttentionHeads: count,
    decoderIntermediateSize: count,
    /** Share of patches that are hidden from the encoder. */
    maskRatio: z.number().gt(0).lt(1),
    /** Predict patches normalised by their own mean and deviation. */
    normPixLoss: z.boolean(),
  })
  .superRefine((c, context) => {
    const issue = issueIn(context);
    checkEncoder(c, issue);
    const { decoderHiddenSize: width, decoderNumAttentionHeads: heads } = c;
    mustDivide(4, width, `decoderHiddenSize ${width} must be a multiple of 4`, issue);
    mustDivide(heads, width, 'decoderHiddenSize must be a multiple of decoderNumAttentionHeads', issue);
  });

export type MaeConfig = z.infer<typeof maeConfig>;

export const viewRecipes = ['simclr', 'byol'] as const;

/** A ViT with a projection head, trained by contrasting two views of each picture. */
export const simclrConfig = z
  .object({
    ...encoderShape,
    /** Widths of the projection head's layers; the last is K. */
    projectionSizes: z.array(count).min(1).max(4),
    /** By which cosines are divided in NT-Xent. */
    temperature: z.number().gt(0),
    views: z.enum(viewRecipes),
    /** The least share of a picture's area that a view shows. */
    cropScale: z.number().gt(0).max(1),
    /** The s of Chen et al. 2020, appendix A: 1 for photographs, 0.5 for small pictures, 0 for none. */
    colorStrength: z.number().min(0).max(1),
  })
  .superRefine(encoderFits);

export type SimclrConfig = z.infer<typeof simclrConfig>;

/** A ViT whose mean patch token is squeezed into a code, from which the picture is to be made again. */
export const autoencoderConfig = z
  .object({
    ...encoderShape,
    /** K, the width of the code. */
    bottleneck: count,
    /** Width of the token that the decoder makes of the code for each patch. */
    decoderHiddenSize: count,
    /** Width of the layer between that token and its pixels. */
    decoderIntermediateSize: count,
  })
  .superRefine(encoderFits);

export type AutoencoderConfig = z.infer<typeof autoencoderConfig>;

/** A ViT that meets noisy pictures and predicts the clean ones. */
export const denoiseConfig = z
  .object({
    ...encoderShape,
    /** Deviation of the normal noise on pixels from 0 to 1. */
    noiseStd: z.number().min(0),
    /** Share of the values that are set to zero. */
    noiseMask: z.number().min(0).lt(1),
  })
  .superRefine((c, context) => {
    encoderFits(c, context);
    if (c.noiseStd === 0 && c.noiseMask === 0)
      issueIn(context)('noiseStd and noiseMask are both 0: there would be no noise to take away');
  });

export type DenoiseConfig = z.infer<typeof denoiseConfig>;

/** A ViT that meets the lightness of pictures and tells their colours. */
export const colorizeConfig = z
  .object({
    ...encoderShape,
    /** A patch is cut into so many cells each way; every cell gets one colour. */
    cellsPerSide: count,
    /** Width of the squares into which the ab plane of CIE Lab is cut. */
    abStep: z.number().min(5).max(50),
  })
  .superRefine((c, context) => {
    encoderFits(c, context);
    const { numChannels, cellsPerSide, patchSize } = c;
    if (numChannels !== 3)
      issueIn(context)(`numChannels ${numChannels} must be 3: colours are learned from RGB pictures`);
    const message = `patchSize ${patchSize} must be a multiple of cellsPerSide ${cellsPerSide}`;
    mustDivide(cellsPerSide, patchSize, message, issueIn(context));
  });

export type ColorizeConfig = z.infer<typeof colorizeConfig>;

/** Labels travel as uint16. */
const MOST_CLASSES = 2 ** 16;

/** A ViT with a linear classifier on its mean patch token. */
export const supervisedConfig = z
  .object({ ...encoderShape, numClasses: z.number().int().min(2).max(MOST_CLASSES) })
  .superRefine(encoderFits);

export type SupervisedConfig = z.infer<typeof supervisedConfig>;

/** The model of each objective. */
export interface ConfigByObjective {
  readonly mae: MaeConfig;
  readonly simclr: SimclrConfig;
  readonly autoencoder: AutoencoderConfig;
  readonly denoise: DenoiseConfig;
  readonly colorize: ColorizeConfig;
  readonly supervised: SupervisedConfig;
}

/** Patches along one side of the picture. */
export const gridSize = (config: EncoderConfig): number => config.imageSize / config.patchSize;

/** N, the number of patches of a picture. */
export const patchCount = (config: EncoderConfig): number => gridSize(config) ** 2;

/** Values in one patch: p·p·C. */
export const patchWidth = (config: EncoderConfig): number => config.patchSize ** 2 * config.numChannels;
