import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from './failure.ts';
import { exists, runFiles, RUNS_DIR } from './runDir.ts';

/** Folders of runs below `.murmur`, those that were moved aside left out. */
export async function findRuns(cwd: string): Promise<string[]> {
  const names = await readdir(join(cwd, RUNS_DIR)).catch(() => []);
  const dirs = names
    .filter((name) => !name.includes('.old-'))
    .sort()
    .map((name) => join(cwd, RUNS_DIR, name));
  const begun = await Promise.all(dirs.map((dir) => exists(runFiles.store(dir))));
  return dirs.filter((_, i) => begun[i]);
}

/** The run that was asked for, or the only one there is. Throws a sentence otherwise. */
export async function oneRun(asked: string | undefined, cwd: string): Promise<string> {
  if (asked !== undefined) {
    const dir = resolve(cwd, asked);
    if (await exists(runFiles.store(dir))) return dir;
    throw new Failure(`${dir} holds no run: give the folder that murmur printed as "Run".`);
  }
  const [first, ...others] = await findRuns(cwd);
  if (first === undefined)
    throw new Failure(`There is no run below ${join(cwd, RUNS_DIR)}: start one, or give --run-dir.`);
  if (others.length > 0) {
    throw new Failure(
      `There are ${others.length + 1} runs below ${join(cwd, RUNS_DIR)}: say which by --run-dir.`,
    );
  }
  return first;
}
