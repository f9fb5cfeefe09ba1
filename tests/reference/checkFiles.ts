import { fixtureFile, type FixtureFile } from './fixture.ts';
import { checks, notBuilt } from './registry.ts';
import { Report } from './report.ts';
import { sentenceOf } from './sentenceOf.ts';

export type FixtureOutcome =
  | {
      readonly file: string;
      readonly status: 'passed';
      readonly comparisons: number;
      readonly worstShare: number;
    }
  | { readonly file: string; readonly status: 'skipped'; readonly reason: string }
  | { readonly file: string; readonly status: 'failed' | 'malformed'; readonly reasons: readonly string[] };

/** The text of each file by its name, `NAME.json`. */
export type FixtureTexts = Readonly<Record<string, string>>;

function siblingOf(texts: FixtureTexts, fixture: string): FixtureFile {
  const text = texts[`${fixture}.json`];
  if (text === undefined) throw new Error(`it needs ${fixture}.json in the same folder, which is missing`);
  return fixtureFile.parse(JSON.parse(text));
}

async function checkFile(
  texts: FixtureTexts,
  file: string,
  toleranceFactor: number,
): Promise<FixtureOutcome> {
  const report = new Report(toleranceFactor);
  try {
    const fixture = fixtureFile.parse(JSON.parse(texts[file] ?? ''));
    const name = fixture.meta.fixture;
    const check = checks[name];
    if (check === undefined) {
      return { file, status: 'skipped', reason: notBuilt[name] ?? `no check for a fixture named "${name}"` };
    }
    await check(fixture, report, (sibling) => siblingOf(texts, sibling));
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

/** Checks every file, in the order of their names. The backend must be running. */
export async function checkFiles(texts: FixtureTexts, toleranceFactor = 1): Promise<FixtureOutcome[]> {
  const outcomes: FixtureOutcome[] = [];
  for (const file of Object.keys(texts).sort()) outcomes.push(await checkFile(texts, file, toleranceFactor));
  return outcomes;
}
