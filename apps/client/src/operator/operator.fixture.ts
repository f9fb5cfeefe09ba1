/** States of the operator page, for tests and the gallery. */
import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { hashFixture, recordsFixture, runFixture, scoreFixture } from '../gallery/records.fixture.ts';
import { newConsole, type ConsoleState } from './console.ts';

export const NOW_MS = 1_800_000_000_000;

type Volunteer = OperatorSnapshot['volunteers'][number];

const volunteer = (name: string, changes: Partial<Volunteer> = {}): Volunteer => ({
  peer: name.toLowerCase().replace(/[^a-z0-9]/g, ''),
  name,
  host: 'browser',
  device: 'SIMD, 4 cores',
  state: 'training',
  samplesPerSecond: 56.7,
  samples: 8_832,
  rounds: 23,
  missedRounds: 0,
  relayed: false,
  ...changes,
});

export const emptySnapshot: OperatorSnapshot = {
  run: runFixture,
  status: { phase: 'paused', round: 0, version: hashFixture(0), progress: 0 },
  joinUrls: ['http://192.168.1.20:8080/'],
  startedAtMs: null,
  nowMs: NOW_MS,
  samplesDone: 0,
  open: null,
  volunteers: [],
  rounds: [],
  scores: [],
  noScores: null,
  map: null,
  coverage: { epoch: 0, share: 0, examples: 20_000 },
  alerts: [],
  exportPath: null,
  bans: [],
};

export const busySnapshot: OperatorSnapshot = {
  ...emptySnapshot,
  status: { phase: 'running', round: 24, version: hashFixture(24), progress: 0.4 },
  joinUrls: ['http://192.168.1.20:8080/#join=v7Qm2kXwT4s', 'http://10.0.0.5:8080/#join=v7Qm2kXwT4s'],
  startedAtMs: NOW_MS - 190_000,
  samplesDone: 36_864,
  open: {
    round: 25,
    phase: 'training',
    ready: 2,
    members: 5,
    openedAtMs: NOW_MS - 5_200,
    deadlineMs: NOW_MS + 6_800,
  },
  volunteers: [
    volunteer('local-1', {
      host: 'headless',
      device: 'Node 20, SIMD, 8 cores',
      samplesPerSecond: 91.2,
      samples: 14_016,
    }),
    volunteer('Quiet starling'),
    volunteer('Amber heron', { state: 'exchanging', samplesPerSecond: 48.9, samples: 7_104, rounds: 19 }),
    volunteer('Library desktop, second row by the window', {
      relayed: true,
      missedRounds: 2,
      rounds: 16,
      samples: 4_992,
      samplesPerSecond: 31.4,
    }),
    volunteer('Brisk dunlin', {
      state: 'syncing',
      samplesPerSecond: 0,
      samples: 0,
      rounds: 0,
      device: 'WebGL',
    }),
  ],
  rounds: recordsFixture(24),
  scores: [5, 10, 15, 20].map((round) => scoreFixture(round)),
  coverage: { epoch: 1, share: 0.843, examples: 20_000 },
  alerts: [
    {
      atMs: NOW_MS - 42_000,
      level: 'warning',
      sentence:
        'Library desktop cannot reach two others directly, so its bytes are relayed. Check that the Wi-Fi lets devices talk to each other.',
    },
    {
      atMs: NOW_MS - 95_000,
      level: 'info',
      sentence:
        'Round 19 was abandoned and changed nothing: no volunteer finished in time. The next round has more time.',
    },
  ],
};

const finishedSnapshot: OperatorSnapshot = {
  ...busySnapshot,
  status: { phase: 'finished', round: 60, version: hashFixture(60), progress: 1 },
  open: null,
  rounds: recordsFixture(60),
  scores: Array.from({ length: 12 }, (_, i) => scoreFixture((i + 1) * 5)),
  samplesDone: 92_160,
  coverage: { epoch: 4, share: 0.61, examples: 20_000 },
  volunteers: busySnapshot.volunteers.map((v) => ({ ...v, state: 'waiting' as const, samplesPerSecond: 0 })),
  alerts: [],
  exportPath: '.murmur/glyphs/export/round-60',
};

const live = (snapshot: OperatorSnapshot, changes: Partial<ConsoleState> = {}): ConsoleState => ({
  ...newConsole,
  link: 'connected',
  snapshot,
  receivedAtMs: NOW_MS,
  ...changes,
});

export const OPERATOR_FIXTURES = {
  token: undefined,
  refused: {
    ...newConsole,
    link: 'refused',
    problem:
      'The operator token is missing or wrong. Open the operator address that murmur printed, with everything after #.',
  },
  connecting: newConsole,
  empty: live(emptySnapshot),
  busy: live(busySnapshot),
  excluded: live({
    ...busySnapshot,
    bans: [
      {
        peer: 'greyshrike',
        name: 'Grey shrike',
        round: 21,
        sentence:
          'It handed in something else for part 3 of round 21 than what the contributions that it named come to.',
      },
    ],
  }),
  crowd: live({
    ...busySnapshot,
    open: { ...busySnapshot.open!, phase: 'combining', ready: 41, members: 44 },
    rounds: busySnapshot.rounds.map((record) => ({
      ...record,
      volunteers: 21,
      missing: record.round % 5 === 3 ? Array.from({ length: 16 }, (_, i) => `Laptop ${i + 1}`) : [],
      missingMembers: record.round % 5 === 3 ? 23 : 0,
    })),
    volunteers: Array.from({ length: 44 }, (_, i) =>
      volunteer(`Laptop ${i + 1} of the second row by the window`, {
        device: 'Firefox on Windows, 16 cores, wasm',
        relayed: i % 5 === 0,
        missedRounds: i % 4,
      }),
    ),
  }),
  gathering: live({
    ...emptySnapshot,
    status: { ...emptySnapshot.status, phase: 'waiting', quorum: 4 },
    volunteers: [volunteer('Quiet starling', { state: 'waiting', rounds: 0 })],
  }),
  first: live({
    ...busySnapshot,
    status: { ...busySnapshot.status, round: 1, progress: 0.016 },
    rounds: recordsFixture(1),
    scores: [],
    alerts: [],
    samplesDone: 1_536,
    coverage: { epoch: 0, share: 0.08, examples: 20_000 },
  }),
  pausing: live(busySnapshot, { pending: 'pause' }),
  finished: live(finishedSnapshot),
  unlabelled: live({
    ...busySnapshot,
    status: { ...busySnapshot.status, phase: 'paused' },
    open: null,
    scores: [],
    noScores:
      'This data set has no labels, so there is nothing to score the encoder with. Watch the loss and the pictures instead.',
  }),
  failing: live(
    {
      ...busySnapshot,
      open: null,
      volunteers: [],
      alerts: [
        {
          atMs: NOW_MS - 3_000,
          level: 'error',
          sentence:
            'The disk of the coordinator is full, so no version can be stored. Free some space, then press Resume.',
        },
      ],
    },
    {
      link: 'lost',
      receivedAtMs: NOW_MS - 23_000,
      problem: 'The export failed: the folder export/ cannot be written. Check its permissions.',
    },
  ),
} satisfies Record<string, ConsoleState | undefined>;
