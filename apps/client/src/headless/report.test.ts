import { expect, test } from 'vitest';
import { idleView } from '../volunteer/session.ts';
import { eventsBetween, lineOf } from './report.ts';
import type { RoundRecord } from '@murmur/core/protocol/run';
import type { VolunteerPhase, VolunteerView } from '@murmur/core/volunteer/view';

const record = (round: number, changes: Partial<RoundRecord> = {}): RoundRecord => ({
  round,
  version: 'a'.repeat(64),
  loss: 0.5,
  volunteers: 2,
  samples: 64,
  samplesPerSecond: 31.7,
  meshBytes: 0,
  relayBytes: 0,
  coordinatorBytes: 0,
  durationMs: 2040,
  exchangeMs: 100,
  steps: 2,
  missingParts: 0,
  reason: null,
  ...changes,
});

const view = (phase: VolunteerPhase, records: readonly RoundRecord[] = []): VolunteerView => ({
  ...idleView('a'),
  phase,
  sentence: `It is ${phase}.`,
  records,
});

test('a change of phase and every new round are events, each once', () => {
  expect(eventsBetween(undefined, view('connecting'))).toMatchObject([
    { event: 'phase', phase: 'connecting' },
  ]);
  expect(eventsBetween(view('training'), view('training'))).toEqual([]);
  const events = eventsBetween(view('exchanging', [record(1)]), view('waiting', [record(1), record(2)]));
  expect(events).toMatchObject([
    { event: 'round', round: 2 },
    { event: 'phase', phase: 'waiting' },
  ]);
});

test('a person reads a line a round, and phases that are not part of every round', () => {
  expect(lineOf({ event: 'round', ...record(3) })).toBe(
    'Round 3: loss 0.5000, 2 volunteers, 32 samples/s, 2.0 s',
  );
  expect(lineOf({ event: 'round', ...record(4, { reason: 'no-part' }) })).toBe(
    'Round 4 changed nothing (no-part).',
  );
  const lineOfPhase = (phase: VolunteerPhase) =>
    lineOf({ event: 'phase', phase, sentence: `It is ${phase}.` });
  expect(lineOfPhase('training')).toBeUndefined();
  expect(lineOfPhase('preparing')).toBe('It is preparing.');
  expect(lineOfPhase('left')).toBe('Left the run. What this machine gave stays in the model.');
});
