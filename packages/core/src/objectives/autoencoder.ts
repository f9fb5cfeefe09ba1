import { autoencoder as throughCode } from '../models/autoencoder.ts';
import { toPatches, toPixels } from '../models/maeInputs.ts';
import type { AutoencoderSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { readFreeing } from '../tensor/ops.ts';
import { uploadParams } from '../tensor/parameters.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Objective, Preview } from './objective.ts';
import { denormalisePixels, normalisePixels } from './pixels.ts';

function patchesOf(spec: AutoencoderSpec, pictures: Uint8Array): Float32Array {
  pictureCount(spec.config, pictures, 'autoencoder');
  return toPatches(spec.config, normalisePixels(pictures, spec));
}

/** Nothing is hidden: what the model meets is the picture. */
async function previewOf(
  spec: AutoencoderSpec,
  params: Float32Array,
  pictures: Uint8Array,
): Promise<Preview> {
  const { config } = spec;
  const patches = patchesOf(spec, pictures);
  const [made] = (await readFreeing(() => [
    throughCode(config, uploadParams(schemaOf(spec), params), patches).reconstruction,
  ])) as [Float32Array];
  const { imageSize: side, numChannels: channels } = config;
  const predicted = denormalisePixels(toPixels(config, made), spec);
  return { side, channels, original: pictures.slice(), masked: pictures.slice(), predicted };
}

/** The bottleneck autoencoder (Hinton and Salakhutdinov 2006): give the whole picture back from a narrow code. */
export function autoencoder(spec: AutoencoderSpec): Objective {
  const { config } = spec;
  const schema = schemaOf(spec);
  return {
    schema,
    loss: (weights, { pictures }) => throughCode(config, weights, patchesOf(spec, pictures)).loss,
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (params, pictures) => previewOf(spec, params, pictures),
  };
}
