import type { FixtureFile } from './fixture.ts';
import type { Report } from './report.ts';

/**
 * Compares all fields of one fixture with what this project computes. Throws where the file is not what the fixture's
 * name promises. `sibling` reads another fixture of the same folder by its name.
 */
export type Check = (
  file: FixtureFile,
  report: Report,
  sibling: (fixture: string) => FixtureFile,
) => void | Promise<void>;
