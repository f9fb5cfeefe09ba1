/** What a model card says of each objective. */
import type { MaeSpec, ModelSpec, SimclrSpec } from '../models/modelSpec.ts';

export interface ObjectiveWords {
  /** On the hub. */
  readonly tag: string;
  /** The whole model, with its article. */
  readonly whole: string;
  /** What of it is not the encoder. */
  readonly head: string;
  /** Whether it met the pictures' labels. */
  readonly labels?: true;
  /** How it was taught, with the settings that matter. */
  readonly method: string;
}

function maeMethod({ config: { maskRatio, normPixLoss } }: MaeSpec): string {
  const target = normPixLoss ? 'pixels normalised by patch' : 'raw pixels';
  return `masked autoencoder (He et al. 2022), ${percent(maskRatio)} of the patches hidden, ${target}`;
}

function simclrMethod({ config: { temperature, views, cropScale, colorStrength } }: SimclrSpec): string {
  const recipe = views === 'simclr' ? 'SimCLR' : 'BYOL';
  return (
    `SimCLR (Chen et al. 2020), NT-Xent at temperature ${temperature}, views of ${recipe}'s recipe ` +
    `(crops from ${percent(cropScale)} of the area, colour strength ${colorStrength})`
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function objectiveWords(spec: ModelSpec): ObjectiveWords {
  switch (spec.objective) {
    case 'mae':
      return {
        tag: 'masked-autoencoder',
        whole: 'a masked autoencoder',
        head: 'decoder',
        method: maeMethod(spec),
      };
    case 'simclr':
      return {
        tag: 'contrastive-learning',
        whole: 'a contrastive model (SimCLR)',
        head: 'projection head',
        method: simclrMethod(spec),
      };
    case 'autoencoder':
      return {
        tag: 'autoencoder',
        whole: 'an autoencoder',
        head: 'code and decoder',
        method:
          `autoencoder (Hinton and Salakhutdinov 2006), the whole picture from a code of ` +
          `${spec.config.bottleneck} numbers`,
      };
    case 'denoise':
      return {
        tag: 'denoising-autoencoder',
        whole: 'a denoising autoencoder',
        head: 'pixel head',
        method:
          `denoising autoencoder (Vincent et al. 2008), normal noise of deviation ${spec.config.noiseStd} and ` +
          `${percent(spec.config.noiseMask)} of the values at zero, pixels from 0 to 1`,
      };
    case 'colorize':
      return {
        tag: 'colorization',
        whole: 'a colorizer',
        head: 'colour classifier',
        method:
          `colorization (Zhang et al. 2016), ab in squares ${spec.config.abStep} wide from L given as a grey picture, ` +
          'rare colours weighted up; in training it met no colours, and takes those of a picture by the mean of the channels',
      };
    case 'supervised':
      return {
        tag: 'image-classification',
        whole: 'a classifier',
        head: 'linear classifier',
        labels: true,
        method: `supervised, cross-entropy with the labels of ${spec.config.numClasses} classes`,
      };
  }
}
