import { InputError } from './inputError.ts';
import type { Source } from './source.ts';

/** How many classes the labels in the shards are of; throws InputError where there can be none. */
export function labelClasses({ classes, notes }: Source, name: string): number {
  if (classes !== undefined && classes.length >= 2) return classes.length;
  const found = classes === undefined ? 'has no labels' : 'has labels of one class only';
  throw new InputError(
    [
      `${name} ${found}, and a supervised run learns from labels of two classes or more:`,
      'put the pictures into a folder for each class or the label file beside the pictures, or choose another objective.',
      ...notes,
    ].join(' '),
  );
}
