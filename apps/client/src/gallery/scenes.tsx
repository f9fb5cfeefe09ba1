/** Every state of both pages, drawn from fixtures: for the gallery and the tests of the views. */
import type { VolunteerView } from '@murmur/core/volunteer/view';
import type { VNode } from 'preact';
import { NOW_MS, OPERATOR_FIXTURES } from '../operator/operator.fixture.ts';
import { mapFixture } from '../operator/map/map.fixture.ts';
import { mapViewOf, type MapView } from '../operator/map/mapFrames.ts';
import { OperatorPage } from '../operator/OperatorPage.tsx';
import type { SummaryState } from '../volunteer/runSummary.ts';
import { CONTRAST_FIXTURE } from '../volunteer/contrast.fixture.ts';
import { COMPUTE_FIXTURES, CROWD_FIXTURE, VOLUNTEER_FIXTURES } from '../volunteer/volunteer.fixture.ts';
import { VolunteerPage } from '../volunteer/VolunteerPage.tsx';
import { hashFixture, runFixture } from './records.fixture.ts';

const nothing = (): void => undefined;

const KNOWN: SummaryState = {
  kind: 'known',
  summary: {
    run: runFixture,
    status: { phase: 'running', round: 24, version: hashFixture(24), progress: 0.4 },
    volunteers: 3,
  },
};

const UNREACHABLE: SummaryState = {
  kind: 'unreachable',
  sentence:
    'The coordinator does not answer. Check that it is running and that this device is on the same network.',
};

const volunteerScene = (view: VolunteerView, summary: SummaryState = KNOWN, pausing = false): VNode => (
  <VolunteerPage
    view={view}
    pausing={pausing}
    summary={summary}
    onJoin={nothing}
    onAction={nothing}
    onRetry={nothing}
    onThrottle={nothing}
    onWorkers={nothing}
  />
);

/** A square that looks enough like a code for a picture. */
const CODE = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25"><path fill="#fff" d="M0 0h25v25H0z"/>${Array.from({ length: 625 }, (_, i) => ((i * 7919) % 13 < 6 ? `<path d="M${i % 25} ${Math.floor(i / 25)}h1v1h-1z"/>` : '')).join('')}</svg>`,
)}`;

const MAP_INDEX = {
  pictures: { hash: hashFixture(0), count: 500, side: 32, channels: 3 },
  versions: [],
} as const;

const EMPTY_MAP: MapView = mapViewOf({ ...MAP_INDEX, versions: [] }, undefined);

/** What the map is in the scenes in which it is not empty. */
const MAPS: Readonly<Partial<Record<string, () => MapView>>> = {
  busy: () => mapFixture(0, 5, 10, 15, 20),
  first: () => mapFixture(0),
  finished: () => mapFixture(0, ...Array.from({ length: 12 }, (_, i) => (i + 1) * 5)),
  unlabelled: () => mapViewOf(null),
  failing: () => ({
    kind: 'failed',
    sentence:
      'The map could not be fetched: the coordinator does not answer; this page tries again by itself.',
  }),
};

const operatorScene = (name: keyof typeof OPERATOR_FIXTURES): VNode => (
  <OperatorPage
    state={OPERATOR_FIXTURES[name]}
    nowMs={NOW_MS}
    joinCode={CODE}
    map={MAPS[name]?.() ?? EMPTY_MAP}
    onToken={nothing}
    onCommand={nothing}
    onCopy={() => Promise.resolve(true)}
  />
);

const keysOf = <K extends string>(record: Record<K, unknown>): K[] => Object.keys(record) as K[];

export const SCENES: ReadonlyMap<string, () => VNode> = new Map([
  ...Object.entries({ ...VOLUNTEER_FIXTURES, ...COMPUTE_FIXTURES }).map(
    ([name, view]) => [`volunteer-${name}`, () => volunteerScene(view)] as const,
  ),
  ['volunteer-crowd', () => volunteerScene(CROWD_FIXTURE)] as const,
  ['volunteer-contrast', () => volunteerScene(CONTRAST_FIXTURE)] as const,
  ['volunteer-loading', () => volunteerScene(VOLUNTEER_FIXTURES.idle, { kind: 'loading' })] as const,
  ['volunteer-unreachable', () => volunteerScene(VOLUNTEER_FIXTURES.idle, UNREACHABLE)] as const,
  ['volunteer-pausing', () => volunteerScene(VOLUNTEER_FIXTURES.training, KNOWN, true)] as const,
  ...keysOf(OPERATOR_FIXTURES).map((name) => [`operator-${name}`, () => operatorScene(name)] as const),
]);
