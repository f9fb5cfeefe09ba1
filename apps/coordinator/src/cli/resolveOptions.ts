import { recipeOf, type ObjectiveName, type TrainingRecipe } from '@murmur/core/models/recipes';
import type { RunInfo } from '@murmur/core/protocol/run';
import { usageFailure } from './failure.ts';
import { checkTurn } from './iceServers.ts';
import { fromText, type Setting } from './setting.ts';
import {
  DEFAULT_TARGET,
  flagOf,
  isSettingName,
  OWNERS,
  SETTING_NAMES,
  settingOf,
  variableOf,
  type SettingName,
  type SettingValues,
} from './settings.ts';

const TARGETS = ['rounds', 'samples', 'minutes'] as const;

export type Target = RunInfo['target'];
export type ServeOptions = Omit<SettingValues, (typeof TARGETS)[number] | keyof TrainingRecipe> &
  TrainingRecipe & { readonly target: Target };

/** Values as they were given in one place, and what to call a value there. */
interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  readonly call: (name: SettingName) => string;
}

export interface Sources {
  /** As commander gives them: text, or true and false for switches. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> } | undefined;
}

/** Flags > environment > config file > defaults. Throws a usage failure that names the value and its place. */
export function resolveOptions(sources: Sources): ServeOptions {
  const layers = layersOf(sources);
  const chosen = new Map<SettingName, unknown>();
  for (const name of SETTING_NAMES) {
    const layer = layers.find((l) => l.values[name] !== undefined);
    chosen.set(
      name,
      layer ? checkSetting(settingOf(name), layer.values[name], layer.call(name)) : settingOf(name).fallback,
    );
  }
  const { rounds: _, samples: __, minutes: ___, ...values } = Object.fromEntries(chosen) as SettingValues;
  checkOwners(values.objective, sources.flags);
  checkBatch(sources.flags);
  checkTurn(values);
  return { ...withRecipe(values), target: targetOf(layers) };
}

type Unfilled = Omit<SettingValues, (typeof TARGETS)[number]>;

/** Fills what nobody set from the recipe of the objective on these data. */
function withRecipe(values: Unfilled): Omit<ServeOptions, 'target'> {
  const recipe = recipeOf(values.objective, values.data === 'glyphs' ? 'glyphs' : 'pictures');
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return { ...values, ...recipe, ...given };
}

function layersOf({ flags, env, file }: Sources): Layer[] {
  const layers: Layer[] = [
    { values: typed((name) => flags[name]), call: flagOf },
    // An empty variable is how a shell or a compose file leaves one unset.
    { values: typed((name) => env[variableOf(name)] || undefined), call: variableOf },
  ];
  if (!file) return layers;
  for (const key of Object.keys(file.values)) {
    if (!isSettingName(key)) throw usageFailure(`${file.path}: there is no setting "${key}"${nearest(key)}`);
  }
  return [...layers, { values: file.values, call: (name) => `"${name}" in ${file.path}` }];
}

/** Reads each setting; texts get the type they stand for. */
function typed(read: (name: SettingName) => unknown): Record<string, unknown> {
  const entries = SETTING_NAMES.map((name) => {
    const given = read(name);
    return [name, typeof given === 'string' ? fromText(settingOf(name), given) : given];
  });
  return Object.fromEntries(entries);
}

/** The value, or a usage failure that says what `called` must be. */
export function checkSetting<T>(setting: Setting<T>, given: unknown, called: string): T {
  const parsed = setting.schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const shown = setting.secret ? 'what was given' : JSON.stringify(given);
  throw usageFailure(`${called} must be ${setting.expected}, not ${shown}.`);
}

/** The target of the first layer that names one; two in one layer contradict each other. */
function targetOf(layers: readonly Layer[]): Target {
  for (const { values, call } of layers) {
    const [first, second] = TARGETS.filter((kind) => values[kind] !== undefined);
    if (first && second) {
      throw usageFailure(
        `${call(first)} and ${call(second)} cannot both be the target: give one of rounds, samples and minutes.`,
      );
    }
    if (first)
      return { kind: first, amount: Number(checkSetting(settingOf(first), values[first], call(first))) };
  }
  return DEFAULT_TARGET;
}

/** In a run's own settings both stand: there the batch of each worker counts. */
function checkBatch({ batchSize, jointBatch }: Sources['flags']): void {
  if (batchSize === undefined || jointBatch === undefined) return;
  throw usageFailure(
    `${flagOf('batchSize')} fixes what each worker takes and ${flagOf('jointBatch')} what all take together: give one.`,
  );
}

/** A flag that the objective does not read would be a wish that nobody hears. */
function checkOwners(objective: ObjectiveName, flags: Sources['flags']): void {
  const foreign = SETTING_NAMES.find(
    (name) => flags[name] !== undefined && (OWNERS[name] ?? objective) !== objective,
  );
  if (foreign === undefined) return;
  throw usageFailure(
    `${flagOf(foreign)} is a setting of the objective ${OWNERS[foreign]}, and this one is ${objective}: ` +
      `leave it out, or give --objective ${OWNERS[foreign]}.`,
  );
}

/** ", did you mean …" when a setting differs from `key` by its spelling only. */
function nearest(key: string): string {
  const bare = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
  const found =
    SETTING_NAMES.find((name) => bare(name) === bare(key) || bare(name).startsWith(bare(key))) ??
    SETTING_NAMES.find((name) => differsByOne(bare(name), bare(key)));
  return found && bare(key).length > 2 ? `; did you mean "${found}"?` : '.';
}

/** Whether one letter was missed, added or mistaken. */
function differsByOne(right: string, typed: string): boolean {
  let same = 0;
  while (same < right.length && right[same] === typed[same]) same++;
  return [
    [same + 1, same],
    [same, same + 1],
    [same + 1, same + 1],
  ].some(([skipRight, skipTyped]) => right.slice(skipRight) === typed.slice(skipTyped));
}
