/** What the page tells of the run before anybody joins, from `GET /api/run`. */
import { datasetManifest, exampleCount } from '@murmur/core/data/manifest';
import { runInfo, runStatus, type RunInfo, type RunStatus } from '@murmur/core/protocol/run';
import { z } from 'zod';

const answer = z.object({
  run: runInfo,
  status: runStatus,
  /** How many volunteers are here now, where the coordinator tells. */
  volunteers: z.number().int().min(0).optional(),
});

export interface RunSummary {
  readonly run: RunInfo;
  readonly status: RunStatus;
  readonly volunteers: number | undefined;
}

export type SummaryState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly summary: RunSummary }
  | { readonly kind: 'unreachable'; readonly sentence: string };

/** Number of pictures of a run's data set; undefined where its description is of another kind. */
export function pictureCount(run: RunInfo): number | undefined {
  const manifest = datasetManifest.safeParse(run.dataset);
  return manifest.success ? exampleCount(manifest.data) : undefined;
}

const UNREACHABLE =
  'The coordinator does not answer. Check that it is running and that this device is on the same network.';

/** The data are named only to those who may join. */
const NO_TOKEN =
  'This run is for invited people: the address lacks its join token, or holds a wrong one. ' +
  'Ask the operator for the whole join address, with everything after #.';

/** Asks the coordinator what it runs. Never throws: what went wrong is a sentence. */
export async function fetchRunSummary(fetchJson: (path: string) => Promise<Response>): Promise<SummaryState> {
  try {
    const response = await fetchJson('/api/run');
    if (!response.ok)
      return { kind: 'unreachable', sentence: `${UNREACHABLE} It answered with status ${response.status}.` };
    const parsed = answer.safeParse(await response.json());
    if (!parsed.success)
      return {
        kind: 'unreachable',
        sentence: 'This page and the coordinator are of different versions. Reload the page.',
      };
    if (parsed.data.run.dataset === null) return { kind: 'unreachable', sentence: NO_TOKEN };
    return { kind: 'known', summary: { ...parsed.data, volunteers: parsed.data.volunteers } };
  } catch {
    return { kind: 'unreachable', sentence: UNREACHABLE };
  }
}
