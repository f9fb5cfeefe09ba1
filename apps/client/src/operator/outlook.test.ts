import { describe, expect, it } from 'vitest';
import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { roundRecordFixture, scoreFixture } from '../gallery/records.fixture.ts';
import { busySnapshot, emptySnapshot } from './operator.fixture.ts';
import { newConsole } from './console.ts';
import { runControls } from './runControls.ts';
import {
  latestRound,
  lossChange,
  missingVolunteers,
  operatorTitle,
  scoreRange,
  scoreSentence,
  shownPhase,
  timeLeftMs,
  trafficTotals,
} from './outlook.ts';

const rounds = [1, 2, 3, 4].map((round) =>
  roundRecordFixture(round, {
    durationMs: 5_000,
    samples: 100,
    loss: 1 / round,
    meshBytes: 10,
    relayBytes: 1,
    coordinatorBytes: 4,
  }),
);
const abandoned = roundRecordFixture(5, {
  durationMs: 10_000,
  samples: 0,
  loss: null,
  reason: 'no-part',
  meshBytes: 3,
  relayBytes: 0,
  coordinatorBytes: 0,
});
const after4 = { ...busySnapshot, rounds, status: { ...busySnapshot.status, round: 4, progress: 0.4 } };

describe('the phase shown', () => {
  const waiting = (states: readonly ('waiting' | 'syncing')[]): OperatorSnapshot => ({
    ...emptySnapshot,
    status: { ...emptySnapshot.status, phase: 'waiting', quorum: 3 },
    volunteers: states.map((state, i) => ({ ...busySnapshot.volunteers[0]!, peer: `p${i}`, state })),
  });

  it('tells a run that nobody started from one that waits for volunteers', () => {
    expect(shownPhase(emptySnapshot)).toBe('new');
    expect(shownPhase(waiting([]))).toBe('waiting');
    expect(shownPhase(waiting(['waiting', 'waiting', 'waiting']))).toBe('running');
  });

  it('counts only those who are ready', () => {
    expect(missingVolunteers(waiting(['waiting', 'syncing']))).toBe(2);
    expect(missingVolunteers(waiting(['waiting', 'waiting', 'waiting', 'waiting']))).toBe(0);
  });

  it('is one that can be paused as soon as it is started', () => {
    const state = { ...newConsole, link: 'connected' as const, snapshot: waiting([]) };
    expect(runControls(state)[0]).toMatchObject({ command: 'pause', blocked: undefined });
  });
});

describe('time left', () => {
  it('goes by the pace of rounds', () => {
    expect(timeLeftMs({ ...after4, run: { ...after4.run, target: { kind: 'rounds', amount: 10 } } })).toBe(
      30_000,
    );
  });

  it('counts the time of abandoned rounds, not their progress', () => {
    const run = { ...after4.run, target: { kind: 'rounds' as const, amount: 10 } };
    expect(timeLeftMs({ ...after4, run, rounds: [...rounds, abandoned] })).toBe(45_000);
  });

  it('goes by samples or by the clock where the target does', () => {
    const withTarget = (kind: 'samples' | 'minutes', amount: number) => ({
      ...after4,
      samplesDone: 400,
      run: { ...after4.run, target: { kind, amount } },
    });
    expect(timeLeftMs(withTarget('samples', 1_000))).toBe(30_000);
    expect(timeLeftMs(withTarget('minutes', 10))).toBe(360_000);
  });

  it('is unknown before the first round and nothing at the end', () => {
    expect(timeLeftMs(emptySnapshot)).toBeUndefined();
    expect(timeLeftMs({ ...after4, status: { ...after4.status, phase: 'finished' } })).toBe(0);
  });
});

describe('figures', () => {
  it('are of committed rounds', () => {
    expect(latestRound([...rounds, abandoned])?.round).toBe(4);
    expect(lossChange([...rounds, abandoned])).toBeCloseTo(1 / 4 - 1 / 3, 12);
    expect(lossChange(rounds.slice(0, 1))).toBeUndefined();
  });

  it('count the bytes of every round, abandoned ones too', () => {
    expect(trafficTotals([...rounds, abandoned])).toEqual({ mesh: 43, relay: 4, coordinator: 16 });
  });

  it('put a score beside its baselines', () => {
    const score = scoreFixture(20, { probe: 0.521, knn: 0.4 });
    expect(scoreSentence(score, 'probe').replaceAll('\u202f', ' ')).toBe(
      'Linear probe 52.1 %, untrained 31.0 %, raw pixels 28.4 %.',
    );
    const intervals = { probe: { low: 0.5, high: 0.542 }, knn: { low: 0.38, high: 0.42 } };
    expect(scoreSentence({ ...score, intervals }, 'probe').replaceAll('\u202f', ' ')).toBe(
      'Linear probe 52.1 % ± 2.1, untrained 31.0 %, raw pixels 28.4 %.',
    );
    expect(scoreRange([score])).toEqual([0.2, 0.6]);
    expect(scoreRange([])).toEqual([0, 1]);
  });

  it('lead the title', () => {
    expect(operatorTitle(after4)).toBe('40 % · glyphs · Murmur operator');
    expect(operatorTitle(undefined)).toBe('Murmur operator');
  });
});
