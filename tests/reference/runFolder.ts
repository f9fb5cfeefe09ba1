import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { fixtureFile, type FixtureFile } from './fixture.ts';
import { checks, notBuilt } from './registry.ts';
import { Report } from './report.ts';

export type FixtureOutcome =
  | {
      readonly file: string;
      readonly status: 'passed';
      readonly comparisons: number;
      readonly worstShare: number;
    }
  | { readonly file: string; readonly status: 'skipped'; readonly reason: string }
  | { readonly file: string; readonly status: 'failed' | 'malformed'; readonly reasons: readonly string[] };

const sentenceOf = (error: unknown): string => {
  if (error instanceof z.ZodError) {
    return error.issues
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`)
      .slice(0, 3)
      .join('; ');
  }
  return error instanceof Error ? error.message : String(error);
};

const readFixture = (path: string): FixtureFile => fixtureFile.parse(JSON.parse(readFileSync(path, 'utf8')));

function readSibling(folder: string, fixture: string): FixtureFile {
  const path = join(folder, `${fixture}.json`);
  if (!existsSync(path)) throw new Error(`it needs ${fixture}.json in the same folder, which is missing`);
  return readFixture(path);
}

function runFile(folder: string, file: string): FixtureOutcome {
  const report = new Report();
  try {
    const fixture = readFixture(join(folder, file));
    const name = fixture.meta.fixture;
    const check = checks[name];
    if (check === undefined) {
      return { file, status: 'skipped', reason: notBuilt[name] ?? `no check for a fixture named "${name}"` };
    }
    check(fixture, report, (sibling) => readSibling(folder, sibling));
  } catch (error) {
    return { file, status: 'malformed', reasons: [sentenceOf(error)] };
  }
  if (report.comparisons === 0)
    return { file, status: 'malformed', reasons: ['it holds nothing to compare'] };
  if (report.mismatches.length === 0) {
    return { file, status: 'passed', comparisons: report.comparisons, worstShare: report.worstShare };
  }
  return {
    file,
    status: 'failed',
    reasons: report.mismatches.map(({ field, reason }) => `${field}: ${reason}`),
  };
}

/** Checks every `.json` file directly in `folder`, in the order of their names. The backend must be running. */
export function runFolder(folder: string): FixtureOutcome[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => basename(entry.name))
    .sort()
    .map((file) => runFile(folder, file));
}
