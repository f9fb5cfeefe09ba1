import { z } from 'zod';

const count = z.number().int().positive();

/** A ViT masked autoencoder; the fields of Hugging Face's `ViTMAEConfig` in camelCase. */
export const maeConfig = z
  .object({
    imageSize: count.max(512),
    patchSize: count,
    numChannels: count.max(4),
    hiddenSize: count,
    numHiddenLayers: count,
    numAttentionHeads: count,
    intermediateSize: count,
    decoderHiddenSize: count,
    decoderNumHiddenLayers: count,
    decoderNumAttentionHeads: count,
    decoderIntermediateSize: count,
    /** Share of patches that are hidden from the encoder. */
    maskRatio: z.number().gt(0).lt(1),
    /** Predict patches normalised by their own mean and deviation. */
    normPixLoss: z.boolean(),
    layerNormEps: z.number().positive(),
    qkvBias: z.boolean(),
  })
  .superRefine((c, context) => {
    const mustDivide = (part: number, whole: number, message: string) => {
      if (whole % part !== 0) context.addIssue({ code: 'custom', message });
    };
    mustDivide(
      c.patchSize,
      c.imageSize,
      `imageSize ${c.imageSize} must be a multiple of patchSize ${c.patchSize}`,
    );
    mustDivide(4, c.hiddenSize, `hiddenSize ${c.hiddenSize} must be a multiple of 4 (2-D positions)`);
    mustDivide(4, c.decoderHiddenSize, `decoderHiddenSize ${c.decoderHiddenSize} must be a multiple of 4`);
    mustDivide(c.numAttentionHeads, c.hiddenSize, 'hiddenSize must be a multiple of numAttentionHeads');
    mustDivide(
      c.decoderNumAttentionHeads,
      c.decoderHiddenSize,
      'decoderHiddenSize must be a multiple of decoderNumAttentionHeads',
    );
  });

export type MaeConfig = z.infer<typeof maeConfig>;

/** Patches along one side of the picture. */
export const gridSize = (config: MaeConfig): number => config.imageSize / config.patchSize;

/** N, the number of patches of a picture. */
export const patchCount = (config: MaeConfig): number => gridSize(config) ** 2;

/** Values in one patch: p·p·C. */
export const patchWidth = (config: MaeConfig): number => config.patchSize ** 2 * config.numChannels;
