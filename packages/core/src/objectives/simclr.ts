import { twoViews, type ViewOptions } from '../augment/views.ts';
import type { SimclrConfig } from '../models/config.ts';
import { toPatches } from '../models/maeInputs.ts';
import type { SimclrSpec } from '../models/modelSpec.ts';
import { simclrSchema } from '../models/parameters.ts';
import { simclr as contrast } from '../models/simclr.ts';
import { fold, type Key } from '../random/key.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Objective, Preview } from './objective.ts';
import { bytePixels, normaliseUnits, unitPixels } from './pixels.ts';

const viewOptions = (config: SimclrConfig): ViewOptions => ({
  recipe: config.views,
  side: config.imageSize,
  channels: config.numChannels,
  cropScale: config.cropScale,
  colorStrength: config.colorStrength,
});

/** Both views of every picture, uint8 `[B, side, side, C]`, as numbers from 0 to 1. */
function viewsOf(
  config: SimclrConfig,
  pictures: Uint8Array,
  key: Key,
): readonly [Float32Array, Float32Array] {
  pictureCount(config, pictures, 'simclr');
  return twoViews(unitPixels(pictures), viewOptions(config), fold(key, 'views'));
}

/** All first views, then all second ones, as patches of normalised pixels `[2B, N, p·p·C]`. */
function viewPatches(spec: SimclrSpec, pictures: Uint8Array, key: Key): Float32Array {
  const [one, two] = viewsOf(spec.config, pictures, key);
  const both = new Float32Array(2 * one.length);
  both.set(one);
  both.set(two, one.length);
  return toPatches(spec.config, normaliseUnits(both, spec));
}

function previewOf({ config }: SimclrSpec, pictures: Uint8Array, key: Key): Preview {
  const [one, two] = viewsOf(config, pictures, key).map(bytePixels) as [Uint8Array, Uint8Array];
  const { imageSize: side, numChannels: channels } = config;
  return { side, channels, original: pictures.slice(), masked: one, predicted: two };
}

/** SimCLR (Chen et al. 2020): two views of a picture are to be told from those of all others in the batch. */
export function simclr(spec: SimclrSpec): Objective {
  const { config } = spec;
  const schema = simclrSchema(config);
  return {
    schema,
    loss: (weights, { pictures }, key) => contrast(config, weights, viewPatches(spec, pictures, key)).loss,
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (_, pictures, key) => Promise.resolve(previewOf(spec, pictures, key)),
  };
}
