import { backendTitle, startBackend } from '@murmur/core/tensor/backend';
import type { Variant } from '@murmur/core/tensor/simd/kernels';
import { fixtureFile, type FixtureFile } from '../../reference/fixture.ts';
import { checks } from '../../reference/registry.ts';
import { Report } from '../../reference/report.ts';

export interface KernelOutcome {
  readonly title: string;
  readonly mismatches: readonly string[];
  readonly comparisons: number;
}

declare global {
  interface Window {
    /** Checks one of the golden files, given by name, on the murmur backend. */
    checkFixture(
      variant: Variant,
      name: string,
      files: Readonly<Record<string, string>>,
    ): Promise<KernelOutcome>;
  }
}

window.checkFixture = async (variant, name, files) => {
  await startBackend({ backend: 'murmur', variant });
  const read = (file: string): FixtureFile => fixtureFile.parse(JSON.parse(files[file] ?? 'null'));
  const report = new Report();
  checks[name]?.(read(name), report, read);
  const mismatches = report.mismatches.map(({ field, reason }) => `${field}: ${reason}`);
  return { title: backendTitle(), mismatches, comparisons: report.comparisons };
};
