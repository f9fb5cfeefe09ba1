import type { FixtureOutcome } from './checkFiles.ts';

/** What one backend, by its title, said of a file. */
export interface Verdict {
  readonly title: string;
  readonly outcome: FixtureOutcome;
}

export interface FileVerdict {
  readonly status: FixtureOutcome['status'];
  /** One line. */
  readonly line: string;
}

/** The worst comes first: a file passes only where it passes everywhere. */
const GRAVITY = ['failed', 'malformed', 'passed', 'skipped'] as const;
const MOST_REASONS = 3;

function passedText(verdicts: readonly Verdict[]): string {
  const shares = verdicts.flatMap(({ title, outcome }) =>
    outcome.status === 'passed' ? [{ title, ...outcome }] : [],
  );
  const worst = shares.reduce((a, b) => (b.worstShare > a.worstShare ? b : a));
  const share = `at most ${(100 * worst.worstShare).toFixed(1)} % of the tolerance (${worst.title})`;
  const backends = `${shares.length} backend${shares.length === 1 ? '' : 's'}`;
  return `${worst.comparisons} comparisons on ${backends}, ${share}`;
}

function badText(verdicts: readonly Verdict[]): string {
  const reasons = verdicts.flatMap(({ title, outcome }) =>
    'reasons' in outcome ? outcome.reasons.map((reason) => ({ title, reason })) : [],
  );
  const shown = reasons.slice(0, MOST_REASONS).map(({ title, reason }) => `on ${title}: ${reason}`);
  const more = reasons.length > MOST_REASONS ? [`and ${reasons.length - MOST_REASONS} more`] : [];
  return [...shown, ...more].join('; ');
}

function textOf(status: FixtureOutcome['status'], verdicts: readonly Verdict[]): string {
  switch (status) {
    case 'passed':
      return passedText(verdicts);
    case 'skipped':
      return (
        verdicts.flatMap(({ outcome }) => (outcome.status === 'skipped' ? [outcome.reason] : []))[0] ?? ''
      );
    case 'failed':
    case 'malformed':
      return badText(verdicts);
  }
}

/** One file's line from what every backend said of it. */
export function verdictOn(file: string, verdicts: readonly Verdict[]): FileVerdict {
  const status =
    GRAVITY.find((grave) => verdicts.some(({ outcome }) => outcome.status === grave)) ?? 'skipped';
  return { status, line: `${file.padEnd(26)} ${status.padEnd(10)} ${textOf(status, verdicts)}` };
}
