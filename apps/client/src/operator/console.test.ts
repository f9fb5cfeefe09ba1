import { operatorSnapshot } from '@murmur/core/protocol/operator';
import { describe, expect, it } from 'vitest';
import {
  coordinatorNow,
  newConsole,
  reduceConsole,
  type ConsoleEvent,
  type ConsoleState,
} from './console.ts';
import { busySnapshot, emptySnapshot, NOW_MS, OPERATOR_FIXTURES } from './operator.fixture.ts';
import { operatorToken } from './operatorToken.ts';
import { runControls } from './runControls.ts';

const play = (...events: ConsoleEvent[]) =>
  events.reduce((state, event, i) => reduceConsole(state, event, 1_000 + i), newConsole);

describe('the console', () => {
  it('keeps the last data when the connection is lost, and says since when', () => {
    const state = play({ type: 'connected' }, { type: 'snapshot', snapshot: busySnapshot }, { type: 'lost' });
    expect([state.link, state.snapshot, state.receivedAtMs]).toEqual(['lost', busySnapshot, 1_001]);
  });

  it('is still connecting when it was never connected', () => {
    expect(play({ type: 'lost' }).link).toBe('connecting');
  });

  it('forgets everything of a run whose token is refused', () => {
    const state = play({ type: 'snapshot', snapshot: busySnapshot }, { type: 'refused', cause: 'Wrong.' });
    expect(state).toEqual({ ...newConsole, link: 'refused', problem: 'Wrong.' });
  });

  it('shows the sentence of a refused command until the next one is asked', () => {
    const refused = play(
      { type: 'asked', command: 'export' },
      { type: 'answered', command: 'export', answer: { ok: false, sentence: 'The disk is full.' } },
    );
    expect([refused.pending, refused.problem]).toEqual([undefined, 'The disk is full.']);
    expect(reduceConsole(refused, { type: 'asked', command: 'export' }, 0).problem).toBeUndefined();
  });

  it('asks for a reload on a snapshot of another version, and is well again with the next good one', () => {
    const unreadable = play({ type: 'connected' }, { type: 'unreadable' });
    expect(unreadable.problem).toContain('Reload');
    expect(
      reduceConsole(unreadable, { type: 'snapshot', snapshot: emptySnapshot }, 0).problem,
    ).toBeUndefined();
  });

  it('carries the coordinator’s clock on', () => {
    const state = play({ type: 'snapshot', snapshot: busySnapshot });
    expect(coordinatorNow(state, 1_000 + 2_500)).toBe(NOW_MS + 2_500);
  });

  it('is drawn from snapshots that the protocol allows', () => {
    for (const state of Object.values(OPERATOR_FIXTURES))
      if (state?.snapshot !== undefined)
        expect(operatorSnapshot.safeParse(state.snapshot).error).toBeUndefined();
  });
});

describe('the run’s buttons', () => {
  const shown = (state: ConsoleState = OPERATOR_FIXTURES.busy) =>
    runControls(state).map((c) => [c.label, c.blocked]);

  it('offer Start first, and no export before a round', () => {
    expect(shown(OPERATOR_FIXTURES.empty)).toEqual([
      ['Start', undefined],
      ['Export encoder', 'There is nothing to export before the first committed round.'],
    ]);
  });

  it('offer Start, not Resume, for a run that was opened paused', () => {
    const paused = { ...emptySnapshot, status: { ...emptySnapshot.status, phase: 'paused' as const } };
    expect(shown({ ...OPERATOR_FIXTURES.empty, snapshot: paused })[0]).toEqual(['Start', undefined]);
  });

  it('offer Pause while running and Resume while paused', () => {
    expect(shown()[0]).toEqual(['Pause', undefined]);
    expect(shown(OPERATOR_FIXTURES.unlabelled)[0]).toEqual(['Resume', undefined]);
  });

  it('are blocked with a reason while a command is pending or the connection is lost', () => {
    expect(shown(OPERATOR_FIXTURES.pausing)).toEqual([
      ['Pausing …', 'Waiting for the coordinator’s answer.'],
      ['Export encoder', 'Waiting for the coordinator’s answer.'],
    ]);
    expect(shown(OPERATOR_FIXTURES.failing)[0]![1]).toBe('No connection to the coordinator.');
  });

  it('do not start what is finished, but export it', () => {
    expect(shown(OPERATOR_FIXTURES.finished)).toEqual([
      ['Start', 'The run has reached its target.'],
      ['Export encoder', undefined],
    ]);
  });
});

it('the token comes from the fragment', () => {
  expect(operatorToken('#token=s3cret')).toBe('s3cret');
  expect(operatorToken('#token=')).toBeUndefined();
  expect(operatorToken('')).toBeUndefined();
});
