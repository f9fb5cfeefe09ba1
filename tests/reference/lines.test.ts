import { describe, expect, it } from 'vitest';
import type { FixtureOutcome } from './checkFiles.ts';
import { verdictOn } from './lines.ts';

const passed = (worstShare: number): FixtureOutcome => ({
  file: 'a.json',
  status: 'passed',
  comparisons: 7,
  worstShare,
});
const failed = (...reasons: string[]): FixtureOutcome => ({ file: 'a.json', status: 'failed', reasons });
const on = (title: string, outcome: FixtureOutcome) => ({ title, outcome });

describe('the line of a file', () => {
  it('names the backend that needed most of the tolerance', () => {
    expect(
      verdictOn('a.json', [on('wasm', passed(0.01)), on('webgl', passed(0.123)), on('cpu', passed(0))]),
    ).toEqual({
      status: 'passed',
      line: 'a.json                     passed     7 comparisons on 3 backends, at most 12.3 % of the tolerance (webgl)',
    });
  });

  it('fails where one backend fails, names it, and stays one line', () => {
    const verdict = verdictOn('a.json', [
      on('cpu', passed(0.1)),
      on('webgl', failed('x: 1', 'y: 2', 'z: 3', 'u: 4')),
    ]);
    expect(verdict).toEqual({
      status: 'failed',
      line: 'a.json                     failed     on webgl: x: 1; on webgl: y: 2; on webgl: z: 3; and 1 more',
    });
  });

  it('says why a file was skipped or could not be read', () => {
    const skipped: FixtureOutcome = { file: 'a.json', status: 'skipped', reason: 'not built yet' };
    expect(verdictOn('a.json', [on('cpu', skipped)]).line).toMatch(/skipped {4}not built yet$/);
    const malformed: FixtureOutcome = { file: 'a.json', status: 'malformed', reasons: ['no cases'] };
    expect(verdictOn('a.json', [on('cpu', malformed), on('webgpu', passed(0))])).toMatchObject({
      status: 'malformed',
      line: expect.stringMatching(/malformed {2}on cpu: no cases$/) as string,
    });
  });
});
