/** The model that the settings describe, for the data that there are. */
import type { DatasetManifest } from '@murmur/core/data/manifest';
import type { ConfigByObjective } from '@murmur/core/models/config';
import { specFor as presetSpec, type ModelChanges, type ModelSpec } from '@murmur/core/models/modelSpec';
import type { ObjectiveName } from '@murmur/core/models/recipes';
import { sentenceOf, usageFailure } from './failure.ts';
import type { ServeOptions } from './resolveOptions.ts';
import type { ModelSettingName } from './settings.ts';

export type ModelOptions = Pick<ServeOptions, 'objective' | 'preset' | ModelSettingName>;

/** What the settings say of the model of each objective. */
const CHANGES: {
  readonly [O in ObjectiveName]: (
    options: ModelOptions,
    manifest: DatasetManifest,
  ) => Partial<ConfigByObjective[O]>;
} = {
  mae: ({ maskRatio, normPix }) => ({ maskRatio, normPixLoss: normPix }),
  simclr: ({ temperature, views, cropScale, colorStrength }) => ({
    temperature,
    views,
    cropScale,
    colorStrength,
  }),
  autoencoder: ({ bottleneck }) => ({ bottleneck }),
  denoise: ({ noiseStd, noiseMask }) => {
    if (noiseStd === 0 && noiseMask === 0)
      throw usageFailure('There would be no noise to take away: give --noise-std or --noise-mask above 0.');
    return { noiseStd, noiseMask };
  },
  colorize: (_, { name, channels }) => {
    if (channels === 3) return {};
    throw usageFailure(
      `The pictures of "${name}" are grey (1 channel), and colorize learns colours from RGB pictures (3 channels): ` +
        'give --data with pictures in colour, or another --objective.',
    );
  },
  supervised: (_, { name, classCount }) => {
    if (classCount !== undefined) return { numClasses: classCount };
    throw usageFailure(
      `The data "${name}" have no labels, and supervised learns the classes of pictures from theirs: ` +
        'give --data with labels, or another --objective.',
    );
  },
};

const changesOf = <O extends ObjectiveName>(
  objective: O,
  options: ModelOptions,
  manifest: DatasetManifest,
): ModelChanges<O> => ({ objective, changes: CHANGES[objective](options, manifest) });

/** Throws a usage failure where sizes do not fit together, settings ask for nothing, or the data lack what is to be learned. */
export function specFor(options: ModelOptions, manifest: DatasetManifest): ModelSpec {
  const { side, patch, channels, mean, std } = manifest;
  const changes = changesOf(options.objective, options, manifest);
  try {
    return presetSpec({
      ...changes,
      preset: options.preset,
      picture: { imageSize: side, patchSize: patch, numChannels: channels },
      pixels: { mean, std },
    });
  } catch (error) {
    throw usageFailure(
      `Pictures of ${manifest.side}×${manifest.side} with patches of ${manifest.patch} make no model ` +
        `(${sentenceOf(error)}): give other --image-size and --patch.`,
    );
  }
}
