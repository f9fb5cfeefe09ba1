import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, naming } from './inputError.ts';

const WILDCARD = /[*?]/;

/** Whether a source names several files at once: * stands for any characters, ? for one. */
export const isPattern = (source: string): boolean => WILDCARD.test(source);

/** The name with which a pattern ends, as an expression; everything but * and ? stands for itself. */
function expressionOf(name: string): RegExp {
  const escaped = name.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's');
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false, // a link that leads nowhere is no file
  );
}

/**
 * The files, never folders, whose names match the last name of the pattern, in the same order on every machine. As
 * in a shell, hidden files match only what begins with a dot. Throws InputError where there are none.
 */
export async function filesMatching(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  if (isPattern(folder)) {
    throw new InputError(
      `${pattern} has a * or ? in the name of a folder, and only the last name may have them: name one folder.`,
    );
  }
  const expression = expressionOf(basename(pattern));
  const shown = (name: string) => !name.startsWith('.') || basename(pattern).startsWith('.');
  const names = (await naming(folder, () => readdir(folder))).filter(
    (name) => shown(name) && expression.test(name),
  );
  const paths: string[] = [];
  for (const name of names.sort()) if (await isFile(join(folder, name))) paths.push(join(folder, name));
  if (paths.length > 0) return paths;
  throw new InputError(`${pattern} matches no file in ${folder}: check the spelling.`);
}
