import { z } from 'zod';

export type SettingGroup = 'run' | 'target' | 'model' | 'training' | 'evaluation' | 'network' | 'output';

/** One thing a person may set: by flag, environment, or config file, read by the same rule. */
export interface Setting<T> {
  readonly group: SettingGroup;
  /** What stands after the flag in the help; a switch has none. */
  readonly placeholder: string | undefined;
  readonly description: string;
  /** Completes "… must be". */
  readonly expected: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: T;
  /** Changing it between a stop and a restart of a run would make another run. */
  readonly fixed: boolean;
  /** No message shows what was given. */
  readonly secret?: boolean;
}

interface Shape<F> {
  readonly group: SettingGroup;
  readonly description: string;
  readonly fallback: F;
  readonly fixed?: boolean;
  readonly secret?: boolean;
}

/** A text; empty is no text. */
export function text<F extends string | undefined>(
  placeholder: string,
  shape: Shape<F>,
): Setting<string | F> {
  return { fixed: false, ...shape, placeholder, expected: 'a text', schema: z.string().min(1) };
}

export function choice<const C extends string>(choices: readonly C[], shape: Shape<C>): Setting<C> {
  const expected = `one of ${choices.join(', ')}`;
  return { fixed: false, ...shape, placeholder: choices.join('|'), expected, schema: z.enum(choices) };
}

/** A choice that may be left open. */
export function optionalChoice<const C extends string>(
  choices: readonly C[],
  shape: Shape<undefined>,
): Setting<C | undefined> {
  const expected = `one of ${choices.join(', ')}`;
  return { fixed: false, ...shape, placeholder: choices.join('|'), expected, schema: z.enum(choices) };
}

export function wholeNumber<F extends number | undefined>(
  [least, most]: readonly [number, number],
  shape: Shape<F>,
): Setting<number | F> {
  const expected = `a whole number from ${least} to ${most}`;
  const schema = z.number().int().min(least).max(most);
  return { fixed: false, ...shape, placeholder: 'N', expected, schema };
}

/** Between `least` and `most`, both excluded where `open`. */
export function number<F extends number | undefined>(
  [least, most]: readonly [number, number],
  shape: Shape<F>,
): Setting<number | F> {
  const expected = `a number from ${least} to ${most}`;
  return { fixed: false, ...shape, placeholder: 'X', expected, schema: z.number().min(least).max(most) };
}

export function wholeNumberOrAuto(
  [least, most]: readonly [number, number],
  shape: Shape<number | 'auto'>,
): Setting<number | 'auto'> {
  const expected = `auto or a whole number from ${least} to ${most}`;
  const schema = z.union([z.literal('auto'), z.number().int().min(least).max(most)]);
  return { fixed: false, ...shape, placeholder: 'N|auto', expected, schema };
}

export function toggle(shape: Shape<boolean>): Setting<boolean> {
  return { fixed: false, ...shape, placeholder: undefined, expected: 'true or false', schema: z.boolean() };
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** Gives a flag's or variable's text the type that a config file would hold. */
export function fromText(setting: Setting<unknown>, given: string): unknown {
  if (setting.placeholder === undefined) return SWITCH_WORDS[given.toLowerCase()] ?? given;
  const isText = setting.schema.safeParse('any text').success || /^\s*$/.test(given);
  return isText || Number.isNaN(Number(given)) ? given : Number(given);
}
