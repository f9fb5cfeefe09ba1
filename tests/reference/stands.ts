/** Where the golden files are checked: backends in this Node, and in a Chromium where there is one. */
import { backendTitle, cpuBackendNames, startBackend, type BackendName } from '@murmur/core/tensor/backend';
import type { Variant } from '@murmur/core/tensor/simd/kernels';
import { checkFiles, type FixtureOutcome, type FixtureTexts } from './checkFiles.ts';
import { sentenceOf } from './sentenceOf.ts';
import { toleranceFactors } from './toleranceFactors.ts';
import { nodeWasmPath } from './wasmPath.ts';

/** What one backend said, or why it did not run. */
export type StandOutcome =
  | {
      readonly kind: 'ran';
      readonly backend: BackendName;
      readonly title: string;
      readonly outcomes: readonly FixtureOutcome[];
    }
  | {
      readonly kind: 'skipped';
      readonly backend: BackendName;
      readonly title: string;
      readonly reason: string;
    };

/** One after the other: a thread has one backend at a time. */
export async function checkInNode(
  names: readonly BackendName[],
  texts: FixtureTexts,
): Promise<StandOutcome[]> {
  const all: StandOutcome[] = [];
  for (const backend of cpuBackendNames.filter((name) => names.includes(name))) {
    const place = `Node ${process.versions.node.split('.')[0]}`;
    try {
      await startBackend({ backend, wasmPath: nodeWasmPath() });
      const outcomes = await checkFiles(texts, toleranceFactors[backend]);
      all.push({ kind: 'ran', backend, title: `${backendTitle()}, ${place}`, outcomes });
    } catch (error) {
      all.push({ kind: 'skipped', backend, title: `${backend}, ${place}`, reason: sentenceOf(error) });
    }
  }
  return all;
}

interface Stand {
  readonly backend: BackendName;
  readonly variant?: Variant;
}
const inChromium: readonly Stand[] = [
  { backend: 'murmur', variant: 'relaxed' },
  { backend: 'murmur', variant: 'plain' },
  { backend: 'webgl' },
  { backend: 'webgpu' },
];

export async function checkInChromium(
  names: readonly BackendName[],
  texts: FixtureTexts,
): Promise<StandOutcome[]> {
  const stands = inChromium.filter(({ backend }) => names.includes(backend));
  if (stands.length === 0) return [];
  const titleOf = ({ backend, variant }: Stand) => [backend, variant].filter(Boolean).join(' ');
  const { bundledPage, findChromium, SOFTWARE_GPU } = await import('../support/bundledPage.ts');
  const path = findChromium();
  if (path === undefined) {
    const reason = 'no Chromium was found; install one or set CHROME_PATH';
    return stands.map((stand) => ({ kind: 'skipped', ...stand, title: titleOf(stand), reason }));
  }
  const { page, close } = await bundledPage(new URL('page/', import.meta.url).pathname, path, SOFTWARE_GPU);
  const all: StandOutcome[] = [];
  try {
    for (const choice of stands) {
      const title = `${titleOf(choice)}, Chromium`;
      const checked = await page.evaluate((order) => window.checkFiles(order), { choice, texts });
      if ('notStarted' in checked)
        all.push({ kind: 'skipped', backend: choice.backend, title, reason: checked.notStarted });
      else
        all.push({
          kind: 'ran',
          backend: choice.backend,
          title: `${checked.title}, Chromium`,
          outcomes: checked.outcomes,
        });
    }
  } finally {
    await close();
  }
  return all;
}
