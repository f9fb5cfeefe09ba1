/** One view of a volunteer for every phase, for tests and the gallery. */
import { hashFixture, recordsFixture, runFixture, wiggle } from '../gallery/records.fixture.ts';
import type { PeerView, Preview, VolunteerPhase, VolunteerView } from '@murmur/core/volunteer/view';
import {
  brokenCompute,
  choosingCompute,
  graphicsCompute,
  laptopCompute,
  manyCoreCompute,
  oneCoreCompute,
  recoveredCompute,
  troubledCompute,
} from './compute.fixture.ts';
import { defaultGrant, idleCompute } from './grant.ts';
import { idleView } from './session.ts';

const SIDE = 32;
const PATCH = 4;
const COUNT = 8;

type Paint = (picture: number, x: number, y: number) => readonly [number, number, number];

const paint = (at: Paint): Uint8Array => {
  const bytes = new Uint8Array(COUNT * SIDE * SIDE * 3);
  for (let i = 0; i < COUNT * SIDE * SIDE; i++)
    bytes.set(at(Math.floor(i / (SIDE * SIDE)), i % SIDE, Math.floor(i / SIDE) % SIDE), i * 3);
  return bytes;
};

const original: Paint = (picture, x, y) => {
  const [dx, dy] = [x - 13 - 5 * wiggle(picture), y - 13 - 5 * wiggle(picture + 9)];
  const inside =
    picture % 3 === 0
      ? Math.hypot(dx, dy) < 10
      : picture % 3 === 1
        ? Math.max(Math.abs(dx), Math.abs(dy)) < 8
        : Math.abs(dx) < 9 - dy && dy > -9 && dy < 8;
  const hue = (k: number) => 70 + 180 * wiggle(picture * 3 + k);
  return inside ? [hue(1), hue(2), hue(3)] : [hue(4) * 0.4 + y, hue(5) * 0.4 + y, hue(6) * 0.4 + x];
};

const kept = (picture: number, x: number, y: number): boolean =>
  wiggle(picture * 64 + Math.floor(y / PATCH) * 8 + Math.floor(x / PATCH)) < 0.25;

const blurred: Paint = (picture, x, y) => {
  const near = [-3, 0, 3].flatMap((dy) => [-3, 0, 3].map((dx) => original(picture, x + dx, y + dy)));
  const mean = (c: 0 | 1 | 2) => near.reduce((sum, colour) => sum + colour[c], 0) / near.length;
  return [mean(0), mean(1), mean(2)];
};

export const previewFixture: Preview = {
  round: 24,
  count: COUNT,
  side: SIDE,
  channels: 3,
  original: paint(original),
  masked: paint((p, x, y) => (kept(p, x, y) ? original(p, x, y) : [128, 128, 128])),
  predicted: paint((p, x, y) => (kept(p, x, y) ? original(p, x, y) : blurred(p, x, y))),
};

const peer = (name: string, changes: Partial<PeerView> = {}): PeerView => ({
  peer: name.toLowerCase().replace(/[^a-z]/g, ''),
  name,
  host: 'browser',
  state: 'training',
  self: false,
  link: 'mesh',
  ...changes,
});

export const peersFixture: readonly PeerView[] = [
  peer('Quiet starling', { self: true, link: 'self' }),
  peer('Amber heron'),
  peer('Library desktop, second row by the window', { link: 'relayed', state: 'exchanging' }),
  peer('local-1', { host: 'headless' }),
  peer('Brisk dunlin', { state: 'syncing', link: 'connecting' }),
  peer('Silver lapwing', { state: 'paused', link: 'none' }),
];

const idle = idleView('Quiet starling', idleCompute(defaultGrant(8), 8));

const joined: VolunteerView = {
  ...idle,
  device: 'Chrome on Linux, 8 cores, murmur relaxed simd ×4',
  compute: laptopCompute,
  run: runFixture,
  status: { phase: 'running', round: 24, version: hashFixture(24), progress: 0.4 },
  peers: peersFixture,
};

const busy: VolunteerView = {
  ...joined,
  round: 25,
  step: 7,
  maxSteps: 12,
  samples: 8_832,
  samplesPerSecond: 731.6,
  contributedRounds: 23,
  records: recordsFixture(24),
  meshBytes: 61_300_000,
  relayBytes: 1_400_000,
  preview: previewFixture,
};

export const VOLUNTEER_FIXTURES: Record<VolunteerPhase, VolunteerView> = {
  idle: { ...idle, run: runFixture },
  connecting: { ...idle, phase: 'connecting' },
  preparing: {
    ...joined,
    compute: choosingCompute,
    phase: 'preparing',
    sentence: 'Loading the model and 3 of 5 shards of pictures.',
  },
  waiting: {
    ...joined,
    phase: 'waiting',
    sentence: '2 more volunteers are needed before the round begins: 4 of 6 are ready.',
    status: { ...joined.status!, phase: 'waiting', progress: 0, round: 0 },
  },
  training: { ...busy, phase: 'training', sentence: 'Round 25: learning from 384 pictures.' },
  exchanging: {
    ...busy,
    phase: 'exchanging',
    step: 12,
    sentence: 'Round 25: trading parts of the update with 4 others.',
  },
  paused: {
    ...busy,
    phase: 'paused',
    samplesPerSecond: 0,
    status: { ...busy.status!, phase: 'running' },
    sentence: '',
  },
  finished: {
    ...busy,
    phase: 'finished',
    samplesPerSecond: 0,
    status: { ...busy.status!, phase: 'finished', progress: 1 },
    sentence: 'The run reached its target of 60 rounds. Thank you for your machine’s help.',
  },
  left: { ...busy, phase: 'left', samplesPerSecond: 0, peers: [], sentence: '' },
  failed: {
    ...idle,
    run: runFixture,
    phase: 'failed',
    peers: [],
    sentence: 'The join token is missing or wrong. Ask the operator for the whole join address.',
  },
};

const training = VOLUNTEER_FIXTURES.training;

/** Machines that compute in other ways than a usual laptop, and what may happen to one. */
export const COMPUTE_FIXTURES: Readonly<Record<string, VolunteerView>> = {
  graphics: { ...training, compute: graphicsCompute, samplesPerSecond: 1_122 },
  manycore: { ...training, compute: manyCoreCompute, samplesPerSecond: 5_904 },
  onecore: { ...training, compute: oneCoreCompute, samplesPerSecond: 3.2 },
  troubled: { ...training, compute: troubledCompute, samplesPerSecond: 0 },
  recovered: { ...training, compute: recoveredCompute },
  broken: {
    ...joined,
    phase: 'failed',
    compute: brokenCompute,
    sentence: 'No way of computing works in this browser: the last one ran out of memory.',
  },
};

/** One of a thousand: only those with whom it reduces are named. */
export const CROWD_FIXTURE: VolunteerView = { ...training, others: 994 };
