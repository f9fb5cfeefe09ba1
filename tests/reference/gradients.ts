import type { TensorsByName, Tolerance } from './fixture.ts';
import type { Computed, Report } from './report.ts';

/** Every gradient that the fixture names, and no other, must have been computed and agree. */
export function closeGradients(
  report: Report,
  label: string,
  got: ReadonlyMap<string, Computed>,
  expected: TensorsByName,
  tol: Tolerance,
): void {
  report.same(
    `${label} names of gradients`,
    [...got.keys()].sort().join(' '),
    Object.keys(expected).sort().join(' '),
  );
  for (const [name, tensor] of Object.entries(expected)) {
    const gradient = got.get(name);
    if (gradient !== undefined) report.close(`${label} gradient of ${name}`, gradient, tensor, tol);
  }
}
