import { cellOfPixel, cellsPerPatch, colorInputs } from '../models/colorInputs.ts';
import { colorScores } from '../models/colorizer.ts';
import { patchCount, type ColorizeConfig } from '../models/config.ts';
import { toPatches } from '../models/maeInputs.ts';
import type { ColorizeSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { abBins, type AbBins } from '../nn/abBins.ts';
import { annealedMean } from '../nn/annealedMean.ts';
import { rebalancingWeights } from '../nn/classRebalancing.ts';
import { weightedCrossEntropy } from '../nn/crossEntropy.ts';
import { rgbOf } from '../nn/lab.ts';
import type { Weights } from '../nn/weights.ts';
import { readFreeing, type Tensor } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import type { ParamSchema } from '../tensor/params.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Objective, Preview } from './objective.ts';
import { bytePixels, normaliseUnits } from './pixels.ts';

const greyPatches = (spec: ColorizeSpec, grey: Float32Array): Float32Array =>
  toPatches(spec.config, normaliseUnits(grey, spec));

interface Colorizer {
  readonly spec: ColorizeSpec;
  readonly schema: ParamSchema;
  readonly bins: AbBins;
}

function lossOf({ spec, bins }: Colorizer, weights: Weights, pictures: Uint8Array): Tensor {
  const { config } = spec;
  pictureCount(config, pictures, 'colorize');
  const { grey, cellColours } = colorInputs(config, pictures);
  const targets = Int32Array.from({ length: cellColours.length / 2 }, (_, cell) =>
    bins.binOf(cellColours[2 * cell] as number, cellColours[2 * cell + 1] as number),
  );
  const scores = colorScores(config, weights, greyPatches(spec, grey));
  return weightedCrossEntropy(scores, targets, rebalancingWeights(targets, bins.count));
}

/** Pixels `[B, side, side, 3]` from 0 to 1 of the given lightness, each with the colour `[B·N·S, 2]` of its cell. */
function painted(config: ColorizeConfig, lightness: Float32Array, cellColours: Float32Array): Float32Array {
  const cellOf = cellOfPixel(config);
  const cells = patchCount(config) * cellsPerPatch(config);
  const pixels = new Float32Array(3 * lightness.length);
  lightness.forEach((L, i) => {
    const cell = Math.floor(i / cellOf.length) * cells + (cellOf[i % cellOf.length] as number);
    pixels.set(rgbOf([L, cellColours[2 * cell] as number, cellColours[2 * cell + 1] as number]), 3 * i);
  });
  return pixels;
}

async function previewOf(model: Colorizer, params: Float32Array, pictures: Uint8Array): Promise<Preview> {
  const { spec, schema, bins } = model;
  const { config } = spec;
  pictureCount(config, pictures, 'colorize');
  const { grey, lightness } = colorInputs(config, pictures);
  const [scores] = (await readFreeing(() => [
    colorScores(config, uploadParams(schema, params), greyPatches(spec, grey)),
  ])) as [Float32Array];
  const predicted = bytePixels(painted(config, lightness, annealedMean(scores, bins.centres)));
  const { imageSize: side, numChannels: channels } = config;
  return { side, channels, original: pictures.slice(), masked: bytePixels(grey), predicted };
}

/**
 * Colorization (Zhang et al. 2016): from the L of CIE Lab alone, tell the colour of each cell of pixels, one of Q squares of the ab
 * plane, by cross-entropy with rare colours weighted up. Their shares are counted in the batch at hand: that needs nothing but
 * its pictures, so the same batch has the same loss on every machine, where shares counted over all data would have to travel.
 *
 * L reaches the encoder as an RGB picture of the same lightness without colour, so it stays an encoder of RGB pictures that
 * evaluation and export use as any other. They give it pictures in colour. So that colour does not enter by directions in which
 * nothing was ever learned, the kernels of the three channels begin alike (`firstParams`) and the channels share their
 * mean and deviation (`specFor`): all three get the same gradients, stay alike, and a picture in colour counts as the
 * mean of its channels.
 */
export function colorize(spec: ColorizeSpec): Objective {
  const schema = schemaOf(spec);
  const model = { spec, schema, bins: abBins(spec.config.abStep) };
  return {
    schema,
    loss: (weights, { pictures }) => lossOf(model, weights, pictures),
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (params, pictures) => previewOf(model, params, pictures),
  };
}
