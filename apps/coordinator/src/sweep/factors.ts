/** What a sweep varies: every combination of the levels given, each with every seed. */
import { usageFailure } from '../cli/failure.ts';
import { isSettingName, SETTING_NAMES, settingOf, type SettingName } from '../cli/settings.ts';
import { SWEEP_NAMES, isSweepName, type SweepSettingName } from './sweepSettings.ts';

export type VariedName = SettingName | SweepSettingName;

/** Settings that change together, and the texts that they take. */
export interface Factor {
  readonly names: readonly VariedName[];
  /** One text for each name. */
  readonly levels: readonly (readonly string[])[];
}

/** One configuration: a text for each varied setting, as a flag would give it. */
export interface Cell {
  readonly levels: Readonly<Partial<Record<VariedName, string>>>;
  readonly seed: number;
}

/** What it would make no sense to vary. */
const EXCLUDED: readonly SettingName[] = ['data', 'seed', 'samples', 'rounds', 'minutes'];

const mayVary = (name: SettingName): boolean =>
  name === 'volunteers' || (settingOf(name).fixed && !EXCLUDED.includes(name));

const isVaried = (name: string): name is VariedName =>
  isSweepName(name) || (isSettingName(name) && mayVary(name));

const variable = (): string => [...SETTING_NAMES.filter(mayVary), ...SWEEP_NAMES].join(', ');

/** Reads `maskRatio=0.5,0.75`, or `outerLr+outerMomentum=1+0,0.7+0.9` for settings that change together. Throws a usage failure. */
export function parseFactor(given: string): Factor {
  const [left, right, ...rest] = given.split('=');
  if (!left || !right || rest.length > 0)
    throw usageFailure(`--vary must be NAME=VALUE,VALUE…, not "${given}": for example maskRatio=0.5,0.75.`);
  const names = left.split('+').map((name) => {
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (isVaried(camel)) return camel;
    throw usageFailure(`--vary cannot vary "${name}": it can vary ${variable()}.`);
  });
  const levels = right.split(',').map((level) => level.split('+'));
  const wrong = levels.find((level) => level.length !== names.length || level.includes(''));
  if (wrong)
    throw usageFailure(
      `--vary ${left} needs ${names.length} value${names.length === 1 ? '' : 's joined by +'} a level, not "${wrong.join('+')}".`,
    );
  return { names, levels };
}

/** All combinations, the first factor changing slowest, the seed fastest. Throws a usage failure where a setting comes twice. */
export function cellsOf(factors: readonly Factor[], seeds: readonly number[]): Cell[] {
  const names = factors.flatMap((factor) => factor.names);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw usageFailure(`--vary names ${twice} twice: give all its values in one.`);
  const combinations = factors.reduce<Cell['levels'][]>(
    (all, factor) =>
      all.flatMap((some) => factor.levels.map((level) => ({ ...some, ...assigned(factor, level) }))),
    [{}],
  );
  return combinations.flatMap((levels) => seeds.map((seed) => ({ levels, seed })));
}

const assigned = ({ names }: Factor, level: readonly string[]): Cell['levels'] =>
  Object.fromEntries(names.map((name, i) => [name, level[i]]));
