import type { DatasetManifest } from '@murmur/core/data/manifest';
import { objectiveNames, type ObjectiveName } from '@murmur/core/models/recipes';
import { describe, expect, it } from 'vitest';
import { Failure } from './failure.ts';
import { resolveOptions, type ServeOptions } from './resolveOptions.ts';
import { OWNERS } from './settings.ts';
import { specFor } from './specFor.ts';

const manifest: DatasetManifest = {
  format: 'murmur-dataset-1',
  name: 'balls',
  side: 16,
  channels: 3,
  patch: 4,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.2, 0.2],
  seed: 0,
  classCount: 5,
  shards: [{ hash: '0'.repeat(64), count: 10, bytes: 100 }],
};

const options = (objective: ObjectiveName, flags: Record<string, string> = {}): ServeOptions =>
  resolveOptions({ flags: { objective, ...flags }, env: {}, file: undefined });

/** A value of each setting that is not its default. */
const OTHER: Readonly<Record<string, string>> = {
  maskRatio: '0.5',
  normPix: 'true',
  temperature: '0.7',
  views: 'byol',
  cropScale: '0.3',
  colorStrength: '0.9',
  bottleneck: '7',
  noiseStd: '0.4',
  noiseMask: '0.6',
};

describe('the model of a run', () => {
  it.each(objectiveNames)('%s: is of the preset and the data', (objective) => {
    const spec = specFor(options(objective), manifest);
    expect(spec).toMatchObject({ objective, preset: 'nano' });
    if (objective === 'colorize') expect(spec.mean).toEqual([0.4, 0.4, 0.4].map((m) => expect.closeTo(m, 9)));
    else expect(spec).toMatchObject({ mean: manifest.mean, std: manifest.std });
    expect(spec.config).toMatchObject({ imageSize: 16, patchSize: 4, numChannels: 3, hiddenSize: 96 });
  });

  it('takes the number of classes from the data', () => {
    expect(specFor(options('supervised'), manifest).config).toMatchObject({ numClasses: 5 });
  });

  it.each(Object.entries(OWNERS) as [string, ObjectiveName][])('hears --%s of %s', (name, objective) => {
    const value = OTHER[name] ?? '';
    expect(value, `a value for ${name}`).not.toBe('');
    const usual = specFor(options(objective), manifest);
    const given = specFor(options(objective, { [name]: value }), manifest);
    expect(given.config).not.toEqual(usual.config);
  });

  it('is refused with a sentence where sizes or settings make none', () => {
    const refusal = (objective: ObjectiveName, flags: Record<string, string>, of: DatasetManifest) => {
      expect(() => specFor(options(objective, flags), of)).toThrow(Failure);
      return expect(() => specFor(options(objective, flags), of));
    };
    refusal('mae', {}, { ...manifest, patch: 5 }).toThrow('give other --image-size and --patch');
    refusal('colorize', {}, { ...manifest, channels: 1, mean: [0.5], std: [0.2] }).toThrow(
      'The pictures of "balls" are grey (1 channel), and colorize learns colours from RGB pictures (3 channels): ' +
        'give --data with pictures in colour, or another --objective.',
    );
    const { classCount: _, ...unlabelled } = manifest;
    refusal('supervised', {}, unlabelled).toThrow(
      'The data "balls" have no labels, and supervised learns the classes of pictures from theirs: ' +
        'give --data with labels, or another --objective.',
    );
    refusal('denoise', { noiseStd: '0', noiseMask: '0' }, manifest).toThrow(
      'There would be no noise to take away: give --noise-std or --noise-mask above 0.',
    );
  });
});
