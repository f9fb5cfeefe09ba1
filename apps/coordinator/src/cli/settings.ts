import { DEFAULT_LIMITS } from '../edge/limits.ts';
import { wantedRules } from '@murmur/core/aggregate/rules';
import { viewRecipes } from '@murmur/core/models/config';
import { maeRecipe, objectiveNames, objectiveTitles, type ObjectiveName } from '@murmur/core/models/recipes';
import { wantedCodecs } from '@murmur/core/round/ladder';
import {
  choice,
  number,
  optionalChoice,
  text,
  toggle,
  wholeNumber,
  wholeNumberOrAuto,
  type Setting,
} from './setting.ts';

/** What the demo's ten minutes on two cores allow, start-up and final scores included. */
export const DEFAULT_TARGET = { kind: 'minutes', amount: 8 } as const;

export const PRESETS = ['nano', 'tiny', 'small', 'base'] as const;
export const OPTIMIZERS = ['adamw', 'sgd'] as const;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const run = { group: 'run' } as const;
const target = { group: 'target', fallback: undefined } as const;
const model = { group: 'model', fixed: true } as const;
/** What is left out follows from the objective's recipe. */
const byObjective = { ...model, fallback: undefined } as const;
const training = { group: 'training', fixed: true } as const;
const network = { group: 'network' } as const;
const output = { group: 'output' } as const;

/** Every setting of `murmur serve`: flag, environment variable and config key follow from its name here. */
export const SETTINGS = {
  data: text('PATH', {
    ...run,
    fixed: true,
    fallback: 'glyphs',
    description: 'data set: a file, a folder, a pattern in quotes, or the built-in "glyphs"',
  }),
  name: text('TEXT', { ...run, fallback: undefined, description: 'name of the run (default: of the data)' }),
  runDir: text('DIR', {
    ...run,
    fallback: undefined,
    description: 'folder of the run (default: .murmur/DATA-OBJECTIVE-PRESET)',
  }),
  fresh: toggle({ ...run, fallback: false, description: 'start over; the old run folder is moved aside' }),
  paused: toggle({ ...run, fallback: false, description: 'wait until the operator presses start' }),
  once: toggle({
    ...run,
    fallback: false,
    description: 'end when the target is met and the encoder exported',
  }),
  volunteers: wholeNumber([0, 64], {
    ...run,
    fallback: 2,
    description: 'headless volunteers to start on this machine',
  }),
  minVolunteers: wholeNumber([1, 1024], {
    ...run,
    fallback: undefined,
    description: 'wait for so many before the first round (default: the local ones, at least 1)',
  }),
  maxVolunteers: wholeNumber([1, 1024], {
    ...run,
    fallback: 256,
    description: 'turn away any more than these',
  }),

  rounds: wholeNumber([1, 1e6], { ...target, description: 'stop after so many rounds' }),
  samples: wholeNumber([1, 1e12], { ...target, description: 'stop after so many samples' }),
  minutes: number([0.01, 1e6], { ...target, description: 'stop after so many minutes of training' }),

  objective: choice(objectiveNames, {
    ...model,
    fallback: 'mae',
    description: `what is learned: ${objectiveNames.map((name) => `${name} (${objectiveTitles[name]})`).join(', ')}`,
  }),
  preset: choice(PRESETS, { ...model, fallback: 'nano', description: 'size of the model' }),
  maskRatio: number([0.05, 0.95], {
    ...model,
    fallback: maeRecipe.maskRatio,
    description: 'mae: share of patches to hide',
  }),
  normPix: toggle({
    ...model,
    fallback: maeRecipe.normPixLoss,
    description: 'mae: predict pixels normalised per patch',
  }),
  temperature: number([0.01, 10], {
    ...byObjective,
    description: 'simclr: by which similarities are divided',
  }),
  views: optionalChoice(viewRecipes, { ...byObjective, description: 'simclr: whose recipe makes the views' }),
  cropScale: number([0.01, 1], {
    ...byObjective,
    description: 'simclr: least share of a picture that a view shows',
  }),
  colorStrength: number([0, 1], {
    ...byObjective,
    description: 'simclr: strength of the colour jitter; 0: none',
  }),
  bottleneck: wholeNumber([1, 4096], {
    ...byObjective,
    description: 'autoencoder: width of the code that a picture must pass through',
  }),
  noiseStd: number([0, 10], {
    ...byObjective,
    description: 'denoise: deviation of the noise on pixels from 0 to 1; 0: none',
  }),
  noiseMask: number([0, 0.99], {
    ...byObjective,
    description: 'denoise: share of the values that are set to zero; 0: none',
  }),
  imageSize: wholeNumber([8, 512], {
    ...model,
    fallback: undefined,
    description: 'side that pictures are resized to (default: as they are, at most 64)',
  }),
  patch: wholeNumber([1, 64], {
    ...model,
    fallback: undefined,
    description: 'side of a patch (default: such that a picture has 64)',
  }),
  seed: wholeNumber([0, 2 ** 32 - 1], { ...model, fallback: 0, description: 'seed of everything random' }),

  jointBatch: wholeNumber([1, 65536], {
    ...training,
    fallback: undefined,
    description: 'samples per step of all volunteers together (default: by objective)',
  }),
  batchSize: wholeNumber([1, 4096], {
    ...training,
    fallback: undefined,
    description:
      'samples per step of each worker, however many there are (default: its share of the joint batch)',
  }),
  innerSteps: wholeNumberOrAuto([1, 1000], {
    ...training,
    fallback: 'auto',
    description:
      'local steps per round; auto: as few as the links allow, so that nine tenths of the time go into training',
  }),
  optimizer: choice(OPTIMIZERS, { ...training, fallback: 'adamw', description: 'inner optimiser' }),
  learningRate: number([0, 10], {
    ...training,
    fallback: undefined,
    description: 'peak inner learning rate (default: by objective)',
  }),
  outerLr: number([0, 10], {
    ...training,
    fallback: 1,
    description: 'outer learning rate (1: plain averaging)',
  }),
  outerMomentum: number([0, 0.99], { ...training, fallback: 0, description: 'outer Nesterov momentum' }),
  aggregate: choice(wantedRules, {
    ...training,
    fallback: 'auto',
    description:
      'how contributions become one update; auto: by how many there are, such that a few bad ones do no harm',
  }),
  spotChecks: number([0, 1], {
    group: 'training',
    fallback: 0.15,
    description:
      'share of the time in which what volunteers trained is trained again, to find who lies; 0: never',
  }),
  codec: choice(wantedCodecs, {
    ...training,
    fallback: 'auto',
    description:
      'how contributions and updates are coded, by size: topk, int4, int8, float16, float32; auto: int8, or int4 while links are slow',
  }),

  evalSamples: wholeNumber([10, 1e6], {
    group: 'evaluation',
    fallback: 4000,
    description: 'labelled pictures to score with, at most',
  }),
  scoreEvery: wholeNumber([0, 1e6], {
    group: 'evaluation',
    fallback: 10,
    description: 'score every so many rounds, in at most a sixth of the time; 0: only at the end',
  }),

  port: wholeNumber([0, 65535], { ...network, fallback: 7600, description: 'TCP and UDP port; 0: any' }),
  host: text('ADDRESS', { ...network, fallback: '0.0.0.0', description: 'address to listen on' }),
  turn: text('URL', {
    ...network,
    fallback: undefined,
    description: 'TURN server for volunteers that find no direct way, such as turn:HOST:3478 (default: none)',
  }),
  turnUsername: text('NAME', { ...network, fallback: undefined, description: 'user of the TURN server' }),
  turnCredential: text('SECRET', {
    ...network,
    secret: true,
    fallback: undefined,
    description:
      'password of that user; better in MURMUR_TURN_CREDENTIAL, where no list of processes shows it',
  }),
  maxPerAddress: wholeNumber([1, 1024], {
    ...network,
    fallback: DEFAULT_LIMITS.maxSocketsPerAddress,
    description: 'volunteers from one address; raise it where all come through one proxy or router',
  }),
  joinToken: text('TOKEN', {
    ...network,
    secret: true,
    fallback: undefined,
    description: 'let in only who has it (default: everybody who can reach this machine)',
  }),
  operatorToken: text('TOKEN', {
    ...network,
    secret: true,
    fallback: undefined,
    description: "the operator page's token (default: made once and kept in the run folder)",
  }),

  json: toggle({ ...output, fallback: false, description: 'one JSON event a line on stdout, nothing else' }),
  logLevel: choice(LOG_LEVELS, { ...output, fallback: 'warn', description: 'log on stderr' }),
};

/** Settings that mean something to one objective only. */
const owners = {
  maskRatio: 'mae',
  normPix: 'mae',
  temperature: 'simclr',
  views: 'simclr',
  cropScale: 'simclr',
  colorStrength: 'simclr',
  bottleneck: 'autoencoder',
  noiseStd: 'denoise',
  noiseMask: 'denoise',
} as const satisfies Readonly<Record<string, ObjectiveName>>;

export type ModelSettingName = keyof typeof owners;
export const OWNERS: Readonly<Partial<Record<string, ObjectiveName>>> = owners;

export type SettingName = keyof typeof SETTINGS;
export type SettingValues = {
  -readonly [K in SettingName]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
export const settingOf = (name: SettingName): Setting<unknown> => SETTINGS[name];
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);

/** `innerSteps` → `inner-steps`, `INNER_STEPS`. */
const words = (name: string, joint: string): string => name.replace(/[A-Z]/g, (c) => `${joint}${c}`);
export const flagOf = (name: SettingName): string => `--${words(name, '-').toLowerCase()}`;
export const variableOf = (name: SettingName): string => `MURMUR_${words(name, '_').toUpperCase()}`;
