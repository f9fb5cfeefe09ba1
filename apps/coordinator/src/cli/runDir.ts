import { randomBytes } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { isPattern } from '../ingest/pathPattern.ts';
import { sourceName } from '../ingest/sourceName.ts';
import { isLocked, lockRunDir, type RunLock } from '../store/lock.ts';
import { Failure, sentenceOf, usageFailure } from './failure.ts';
import { resolveOptions, type ServeOptions } from './resolveOptions.ts';
import { flagOf, isSettingName, SETTING_NAMES, settingOf, type SettingName } from './settings.ts';
import { systemSentence } from './systemSentence.ts';

/** Where the parts of a run lie in its folder. */
export const runFiles = {
  store: (dir: string) => join(dir, 'run.sqlite'),
  versions: (dir: string) => join(dir, 'versions'),
  maps: (dir: string) => join(dir, 'maps'),
  data: (dir: string) => join(dir, 'data'),
  export: (dir: string) => join(dir, 'export'),
  settings: (dir: string) => join(dir, 'settings.json'),
  operatorToken: (dir: string) => join(dir, 'operator-token'),
} as const;

export const RUNS_DIR = '.murmur';

/** The same data, objective and preset lead to the same folder, so that the same command goes on. */
export function runDirOf(options: ServeOptions, cwd: string): string {
  if (options.runDir !== undefined) return resolve(cwd, options.runDir);
  const { data } = options;
  const name = isPattern(data) ? sourceName(resolve(cwd, data)) : basename(data, extname(data));
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'data';
  return resolve(cwd, RUNS_DIR, `${slug}-${options.objective}-${options.preset}`);
}

/** What makes this run this run. */
export type FixedSettings = Readonly<Record<string, unknown>>;

export function fixedSettings(options: ServeOptions, cwd: string): FixedSettings {
  const values: Record<string, unknown> = { ...options };
  if (options.data !== 'glyphs') values['data'] = resolve(cwd, options.data);
  const fixed = SETTING_NAMES.filter((name) => settingOf(name).fixed);
  return Object.fromEntries(fixed.map((name) => [name, values[name] ?? null]));
}

/** Every round names its codec, and what is carried from round to round fits any: a run goes on with what is asked for now. */
const MAY_CHANGE: readonly SettingName[] = ['codec'];

/** A sentence on the first setting in which the run and the command differ; what a run of an older build did not know counts as its default. */
export function differenceSentence(stored: FixedSettings, asked: FixedSettings): string | undefined {
  const known = (key: SettingName) => (key in stored ? stored[key] : settingOf(key).fallback) ?? null;
  const differs = (key: SettingName) => !MAY_CHANGE.includes(key) && known(key) !== (asked[key] ?? null);
  const name = Object.keys(asked).find((key) => isSettingName(key) && differs(key));
  if (name === undefined || !isSettingName(name)) return undefined;
  const shown = (value: unknown) => (value === null || value === undefined ? 'its default' : String(value));
  const old = stored[name];
  const back = old === null || old === undefined ? `without ${flagOf(name)}` : `with ${backTo(name, old)}`;
  return (
    `This run was created with ${flagOf(name)} ${shown(old)}, and now it is ${shown(asked[name])}: ` +
    `go on ${back}, or start over with --fresh (the old run is kept aside).`
  );
}

function backTo(name: Parameters<typeof flagOf>[0], value: unknown): string {
  if (typeof value !== 'boolean') return `${flagOf(name)} ${String(value)}`;
  return value ? flagOf(name) : flagOf(name).replace('--', '--no-');
}

export interface RunDir {
  readonly dir: string;
  readonly lock: RunLock;
  readonly operatorToken: string;
}

/** Takes the run's folder: moved aside if fresh is asked for, locked, and checked to be of the same settings. */
export async function openRunDir(options: ServeOptions, cwd: string, nowMs: number): Promise<RunDir> {
  const dir = runDirOf(options, cwd);
  if (options.fresh) await moveAside(dir, nowMs);
  const lock = await lockRunDir(dir).catch((error: unknown) => {
    throw new Failure(systemSentence(error) ?? sentenceOf(error));
  });
  try {
    await checkSettings(dir, fixedSettings(options, cwd));
    return { dir, lock, operatorToken: options.operatorToken ?? (await operatorToken(dir)) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Renames the folder, so that nothing is ever lost by starting over. */
async function moveAside(dir: string, nowMs: number): Promise<void> {
  if (!(await exists(dir))) return;
  if (await isLocked(dir)) {
    throw new Failure(`${dir} is in use by another murmur: stop it before you start over with --fresh.`);
  }
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').slice(0, 15);
  await rename(dir, `${dir}.old-${stamp}-${randomBytes(2).toString('hex')}`);
}

async function checkSettings(dir: string, asked: FixedSettings): Promise<void> {
  const path = runFiles.settings(dir);
  const begun = await exists(runFiles.store(dir));
  const content = begun ? await readFile(path, 'utf8').catch(() => undefined) : undefined;
  // Until the run exists, another command may still decide what it will be.
  if (content === undefined) return writeNew(path, JSON.stringify(asked, null, 2));
  const difference = differenceSentence(parseSettings(content, path), asked);
  if (difference) throw usageFailure(difference);
}

/** The settings that a run was created with, as options; all others at their defaults. */
export async function readSettings(dir: string): Promise<ServeOptions> {
  const path = runFiles.settings(dir);
  const stored = parseSettings(await readFile(path, 'utf8').catch(() => ''), path);
  const values = Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== null));
  return resolveOptions({ flags: {}, env: {}, file: { path, values } });
}

function parseSettings(content: string, path: string): FixedSettings {
  const json: unknown = (() => {
    try {
      return JSON.parse(content);
    } catch {
      return undefined;
    }
  })();
  if (typeof json === 'object' && json !== null) return Object.fromEntries(Object.entries(json));
  throw new Failure(`${path} is damaged: start over with --fresh (the old run is kept aside).`);
}

/** Made once per run folder, so that the operator's address stays the same over restarts. */
async function operatorToken(dir: string): Promise<string> {
  const path = runFiles.operatorToken(dir);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (/^[0-9a-f]{32}$/.test(kept)) return kept;
  const made = randomBytes(16).toString('hex');
  await writeNew(path, made, 0o600);
  return made;
}

async function writeNew(path: string, content: string, mode = 0o644): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, content, { mode });
  await rename(draft, path);
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
