import { classifierLoss } from '../models/classifier.ts';
import { toPatches } from '../models/maeInputs.ts';
import type { SupervisedSpec } from '../models/modelSpec.ts';
import { schemaOf } from '../models/parameters.ts';
import { encodePictures, pictureCount } from './encodePictures.ts';
import type { Batch, Objective, Preview } from './objective.ts';
import { normalisePixels } from './pixels.ts';

/** The class of each picture; throws where one has none. */
function labelsOf({ config }: SupervisedSpec, { pictures, labels }: Batch): Int32Array {
  const count = pictureCount(config, pictures, 'supervised');
  if (labels?.length === count) return Int32Array.from(labels);
  throw new Error(
    `supervised: expected a label for each of the ${count} pictures, received ${labels?.length ?? 'none'}: ` +
      'this objective needs labels leased out with the pictures',
  );
}

/** There is nothing to show but the picture: the model meets it as it is, and what it predicts is a class. */
function previewOf({ config }: SupervisedSpec, pictures: Uint8Array): Preview {
  pictureCount(config, pictures, 'supervised');
  const [original, masked, predicted] = [pictures.slice(), pictures.slice(), pictures.slice()];
  return { side: config.imageSize, channels: config.numChannels, original, masked, predicted };
}

/** Learning from labels, the yardstick for all that does without: encoder and linear classifier, cross-entropy, nothing augmented. */
export function supervised(spec: SupervisedSpec): Objective {
  const { config } = spec;
  const schema = schemaOf(spec);
  return {
    schema,
    loss: (weights, batch) => {
      const labels = labelsOf(spec, batch);
      const patches = toPatches(config, normalisePixels(batch.pictures, spec));
      return classifierLoss(config, weights, { patches, labels });
    },
    encode: (params, pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
    preview: (_, pictures) => Promise.resolve(previewOf(spec, pictures)),
  };
}
