import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkFiles, type FixtureOutcome, type FixtureTexts } from './checkFiles.ts';

/** Every `.json` file directly in `folder`. */
export function readFolder(folder: string): FixtureTexts {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => basename(entry.name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Checks every file of `folder` on the backend that runs. */
export const runFolder = (folder: string): Promise<FixtureOutcome[]> => checkFiles(readFolder(folder));
