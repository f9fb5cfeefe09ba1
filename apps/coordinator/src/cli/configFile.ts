import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { sentenceOf, usageFailure } from './failure.ts';
import { systemSentence } from './systemSentence.ts';

export const CONFIG_FILE = 'murmur.config.json';

export interface ConfigFile {
  readonly path: string;
  readonly values: Record<string, unknown>;
}

/** Reads `asked`, which must exist, or `murmur.config.json` in `cwd` if there is one. */
export async function readConfigFile(
  asked: string | undefined,
  cwd: string,
): Promise<ConfigFile | undefined> {
  const path = asked === undefined ? join(cwd, CONFIG_FILE) : resolve(cwd, asked);
  const found = await readFile(path, 'utf8').catch((error: unknown) => {
    if (asked === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return undefined;
    throw usageFailure(`The config file cannot be read: ${systemSentence(error) ?? sentenceOf(error)}`);
  });
  return found === undefined
    ? undefined
    : { path: asked ?? CONFIG_FILE, values: parseConfig(found, asked ?? CONFIG_FILE) };
}

/** The object in a config file; its keys are checked where they are used. */
export function parseConfig(content: string, path: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw usageFailure(`${path} is not JSON: ${sentenceOf(error)}.`);
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(json);
  if (!parsed.success) throw usageFailure(`${path} must hold one JSON object, such as {"preset": "tiny"}.`);
  return parsed.data;
}
