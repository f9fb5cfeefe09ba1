/** Names and shapes of what each objective puts on the encoder; needs no tensor library. */
import { abBins } from '../nn/abBins.ts';
import type { ParamSpec } from '../tensor/params.ts';
import {
  patchCount,
  patchWidth,
  type AutoencoderConfig,
  type ColorizeConfig,
  type DenoiseConfig,
  type MaeConfig,
  type SimclrConfig,
} from './config.ts';
import { layerSpecs, linearSpecs, normSpecs } from './layerSpecs.ts';
import type { ModelSpec } from './modelSpec.ts';

/** As Hugging Face has them. */
export const maeDecoderSpecs = (c: MaeConfig): ParamSpec[] => [
  { name: 'decoder.mask_token', shape: [1, 1, c.decoderHiddenSize] },
  ...linearSpecs('decoder.decoder_embed', c.hiddenSize, c.decoderHiddenSize),
  ...layerSpecs({
    prefix: 'decoder.decoder_layers',
    count: c.decoderNumHiddenLayers,
    width: c.decoderHiddenSize,
    hidden: c.decoderIntermediateSize,
    qkvBias: c.qkvBias,
  }),
  ...normSpecs('decoder.decoder_norm', c.decoderHiddenSize),
  ...linearSpecs('decoder.decoder_pred', c.decoderHiddenSize, patchWidth(c)),
];

/** The name of a layer of the projection head, without `.weight`. */
export const projectionLayer = (i: number): string => `projection.layers.${i}`;

export const projectionSpecs = (c: SimclrConfig): ParamSpec[] =>
  c.projectionSizes.flatMap((outputs, i) =>
    linearSpecs(projectionLayer(i), c.projectionSizes[i - 1] ?? c.hiddenSize, outputs),
  );

/** The code, then a decoder of dense layers: to a token for each patch, and from that by a wider layer to its pixels. */
const codeSpecs = (c: AutoencoderConfig): ParamSpec[] => [
  ...linearSpecs('bottleneck.code', c.hiddenSize, c.bottleneck),
  ...linearSpecs('bottleneck.tokens', c.bottleneck, patchCount(c) * c.decoderHiddenSize),
  ...linearSpecs('bottleneck.hidden', c.decoderHiddenSize, c.decoderIntermediateSize),
  ...linearSpecs('bottleneck.pixels', c.decoderIntermediateSize, patchWidth(c)),
];

const cleanPatchSpecs = (c: DenoiseConfig): ParamSpec[] =>
  linearSpecs('denoise.pixels', c.hiddenSize, patchWidth(c));

/** A score for each colour of each cell of a patch. */
const cellColourSpecs = (c: ColorizeConfig): ParamSpec[] =>
  linearSpecs('colorize.classifier', c.hiddenSize, c.cellsPerSide ** 2 * abBins(c.abStep).count);

/** The parameters behind the encoder's, in the order in which they travel. */
export function headSpecs(spec: ModelSpec): ParamSpec[] {
  switch (spec.objective) {
    case 'mae':
      return maeDecoderSpecs(spec.config);
    case 'simclr':
      return projectionSpecs(spec.config);
    case 'autoencoder':
      return codeSpecs(spec.config);
    case 'denoise':
      return cleanPatchSpecs(spec.config);
    case 'colorize':
      return cellColourSpecs(spec.config);
    case 'supervised':
      return linearSpecs('classifier', spec.config.hiddenSize, spec.config.numClasses);
  }
}
