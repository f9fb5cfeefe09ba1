import {
  autoencoderRecipe,
  denoiseRecipe,
  objectiveNames,
  recipeOf,
  simclrRecipe,
  trainingRecipes,
} from '@murmur/core/models/recipes';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './configFile.ts';
import { Failure } from './failure.ts';
import { resolveOptions, type ServeOptions, type Sources } from './resolveOptions.ts';
import { DEFAULT_TARGET, flagOf, variableOf } from './settings.ts';

const resolve = (over: Partial<Sources> = {}): ServeOptions =>
  resolveOptions({ flags: {}, env: {}, file: undefined, ...over });
const file = (values: Record<string, unknown>) => ({ path: 'murmur.config.json', values });

function failureOf(over: Partial<Sources>): string {
  try {
    resolve(over);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ exitCode: 2 });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('resolved where a failure was expected');
}

describe('options', () => {
  it('have defaults that make a bare start work', () => {
    expect(resolve()).toMatchObject({
      data: 'glyphs',
      objective: 'mae',
      preset: 'nano',
      volunteers: 2,
      port: 7600,
      host: '0.0.0.0',
      innerSteps: 'auto',
      once: false,
      target: DEFAULT_TARGET,
    });
  });

  it('prefer flags to the environment, that to the file, and the file to defaults', () => {
    const flags = { preset: 'small' };
    const env = { MURMUR_PRESET: 'tiny', MURMUR_BATCH_SIZE: '16' };
    const values = { preset: 'base', batchSize: 8, codec: 'float32' };
    expect(resolve({ flags, env, file: file(values) })).toMatchObject({
      preset: 'small',
      batchSize: 16,
      codec: 'float32',
      optimizer: 'adamw',
    });
  });

  it('read texts of flags and variables as the type they stand for', () => {
    const flags = { innerSteps: '3', learningRate: '1e-4', name: '42', normPix: false, port: '0' };
    const env = { MURMUR_ONCE: '1', MURMUR_JSON: 'FALSE', MURMUR_NORM_PIX: 'true' };
    expect(resolve({ flags, env })).toMatchObject({
      innerSteps: 3,
      learningRate: 1e-4,
      name: '42',
      normPix: false,
      port: 0,
      once: true,
      json: false,
    });
    expect(resolve({ flags: { innerSteps: 'auto' } }).innerSteps).toBe('auto');
  });

  it('take one target, from the first place that names one', () => {
    const env = { MURMUR_MINUTES: '2.5' };
    expect(resolve({ env, file: file({ rounds: 4 }) }).target).toEqual({ kind: 'minutes', amount: 2.5 });
    expect(resolve({ flags: { samples: '60000' }, env }).target).toEqual({ kind: 'samples', amount: 60000 });
    expect(failureOf({ flags: { rounds: '1', samples: '2' } })).toBe(
      '--rounds and --samples cannot both be the target: give one of rounds, samples and minutes.',
    );
  });

  it.each<[Partial<Sources>, string]>([
    [{ flags: { rounds: 'ten' } }, '--rounds must be a whole number from 1 to 1000000, not "ten".'],
    [{ flags: { rounds: '0' } }, '--rounds must be a whole number from 1 to 1000000, not 0.'],
    [{ flags: { rounds: '1.5' } }, '--rounds must be a whole number from 1 to 1000000, not 1.5.'],
    [{ flags: { rounds: '' } }, '--rounds must be a whole number from 1 to 1000000, not "".'],
    [
      { flags: { aggregate: 'average' } },
      '--aggregate must be one of auto, mean, trimmed-mean, median, centred-clip, krum, not "average".',
    ],
    [{ flags: { preset: 'huge' } }, '--preset must be one of nano, tiny, small, base, not "huge".'],
    [
      { flags: { innerSteps: 'few' } },
      '--inner-steps must be auto or a whole number from 1 to 1000, not "few".',
    ],
    [{ env: { MURMUR_PORT: '99999' } }, 'MURMUR_PORT must be a whole number from 0 to 65535, not 99999.'],
    [{ env: { MURMUR_ONCE: 'yes' } }, 'MURMUR_ONCE must be true or false, not "yes".'],
    [
      { file: file({ learningRate: '0.1' }) },
      '"learningRate" in murmur.config.json must be a number from 0 to 10, not "0.1".',
    ],
    [{ file: file({ data: '' }) }, '"data" in murmur.config.json must be a text, not "".'],
    [{ file: file({ epocs: 3 }) }, 'murmur.config.json: there is no setting "epocs".'],
    [
      { file: file({ volunters: 3 }) },
      'murmur.config.json: there is no setting "volunters"; did you mean "volunteers"?',
    ],
    [
      { file: file({ 'batch-size': 3 }) },
      'murmur.config.json: there is no setting "batch-size"; did you mean "batchSize"?',
    ],
    [
      { flags: { batchSize: '16', jointBatch: '64' } },
      '--batch-size fixes what each worker takes and --joint-batch what all take together: give one.',
    ],
    [
      { flags: { objective: 'clip' } },
      `--objective must be one of ${objectiveNames.join(', ')}, not "clip".`,
    ],
    [
      { flags: { codec: 'sparse' } },
      '--codec must be one of auto, int8, float32, float16, int4, topk, not "sparse".',
    ],
    [
      { flags: { objective: 'simclr', maskRatio: '0.5' } },
      '--mask-ratio is a setting of the objective mae, and this one is simclr: leave it out, or give --objective mae.',
    ],
    [
      { flags: { objective: 'denoise', bottleneck: '8' } },
      '--bottleneck is a setting of the objective autoencoder, and this one is denoise: leave it out, or give --objective autoencoder.',
    ],
    [
      { flags: { objective: 'denoise', noiseMask: '1' } },
      '--noise-mask must be a number from 0 to 0.99, not 1.',
    ],
  ])('refuse %j with one sentence', (over, sentence) => {
    expect(failureOf(over)).toBe(sentence);
  });

  it('follow the recipe of the objective where nobody says otherwise', () => {
    expect(resolve()).toMatchObject({ ...trainingRecipes.mae, temperature: undefined, views: undefined });
    const given = resolve({
      flags: { objective: 'simclr', temperature: '0.3' },
      env: { MURMUR_BATCH_SIZE: '16' },
    });
    expect(given).toMatchObject({
      ...recipeOf('simclr', 'glyphs'),
      temperature: 0.3,
      batchSize: 16,
    });
  });

  it('leave to each objective the settings that it reads', () => {
    const autoencoder = resolve({ flags: { objective: 'autoencoder' } });
    expect(autoencoder).toMatchObject({ ...autoencoderRecipe, noiseStd: undefined, temperature: undefined });
    const denoise = resolve({ flags: { objective: 'denoise', noiseStd: '0' } });
    expect(denoise).toMatchObject({ ...denoiseRecipe, noiseStd: 0, bottleneck: undefined });
  });

  it('follow the data, too, and no recipe where somebody chose', () => {
    const cropOf = (flags: Sources['flags']) =>
      resolve({ flags: { objective: 'simclr', ...flags } }).cropScale;
    expect(cropOf({})).toBe(0.8); // glyphs
    expect(cropOf({ data: './photos' })).toBe(simclrRecipe.cropScale);
    expect(cropOf({ cropScale: '0.3' })).toBe(0.3);
  });

  it('take an empty variable for none', () => {
    expect(resolve({ env: { MURMUR_PORT: '', MURMUR_JOIN_TOKEN: '' } })).toMatchObject({
      port: 7600,
      joinToken: undefined,
    });
  });

  it('LK2: take a TURN server only with all that it needs, and never show its credential', () => {
    const turn = { turn: 'turns:turn.example.org:5349?transport=tcp', turnUsername: 'ada' };
    const env = { MURMUR_TURN_CREDENTIAL: 'hush-1234' };
    expect(resolve({ flags: turn, env })).toMatchObject({ ...turn, turnCredential: 'hush-1234' });
    const said = [
      failureOf({ flags: { ...turn, turn: 'turn.example.org:3478' }, env }),
      failureOf({ flags: { turn: turn.turn }, env }),
      failureOf({ flags: turn }),
      failureOf({ flags: {}, env }),
      failureOf({ file: file({ turnCredential: 1234 }) }),
    ];
    expect(said[0]).toMatch(/--turn must be an address like turn:.*, not "turn\.example\.org:3478"/);
    expect(said[1]).toMatch(/--turn needs a user: give --turn-username and, .* MURMUR_TURN_CREDENTIAL/);
    expect(said[2]).toMatch(/--turn needs a user/);
    expect(said[3]).toMatch(/--turn-credential is of no use without a server/);
    expect(said[4]).toMatch(/"turnCredential" in murmur\.config\.json must be a text, not what was given/);
    expect(said.join()).not.toContain('1234');
  });

  it('have the same name everywhere', () => {
    expect([flagOf('innerSteps'), variableOf('innerSteps')]).toEqual(['--inner-steps', 'MURMUR_INNER_STEPS']);
  });
});

describe('config file', () => {
  it('is one JSON object', () => {
    expect(parseConfig('{"preset": "tiny"}', 'x.json')).toEqual({ preset: 'tiny' });
    expect(() => parseConfig('[1]', 'x.json')).toThrow('x.json must hold one JSON object');
    expect(() => parseConfig('{preset: 1}', 'x.json')).toThrow('x.json is not JSON');
  });
});
