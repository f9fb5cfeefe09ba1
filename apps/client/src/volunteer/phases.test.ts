import { describe, expect, it } from 'vitest';
import { VOLUNTEER_FIXTURES } from './volunteer.fixture.ts';
import type { PHASE_TEXT } from './phases.ts';
import { actionsOf, isTakingPart, pageTitle, roundSteps } from './phases.ts';

const labels = (phase: keyof typeof PHASE_TEXT) => actionsOf(phase).map((action) => action.label);

describe('buttons', () => {
  it('offer exactly what is possible in each phase', () => {
    expect(labels('idle')).toEqual(['Join']);
    expect(labels('connecting')).toEqual(['Leave']);
    expect(labels('preparing')).toEqual(['Leave']);
    expect(labels('waiting')).toEqual(['Pause', 'Leave']);
    expect(labels('training')).toEqual(['Pause', 'Leave']);
    expect(labels('exchanging')).toEqual(['Pause', 'Leave']);
    expect(actionsOf('exchanging', true).map((action) => action.label)).toEqual(['Resume', 'Leave']);
    expect(labels('paused')).toEqual(['Resume', 'Leave']);
    expect(labels('finished')).toEqual(['Leave']);
    expect(labels('left')).toEqual(['Join again']);
    expect(labels('failed')).toEqual(['Try again']);
  });

  it('know whether the machine takes part', () => {
    expect(['idle', 'left', 'failed'].map((p) => isTakingPart(p as 'idle'))).toEqual([false, false, false]);
    expect(['connecting', 'paused', 'finished'].map((p) => isTakingPart(p as 'paused'))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('the three steps of a round', () => {
  const training = { ...VOLUNTEER_FIXTURES.training, step: 9, maxSteps: 12 };

  it('count inner steps while training', () => {
    expect(roundSteps(training).map((s) => [s.state, s.share])).toEqual([
      ['current', 0.75],
      ['ahead', 0],
      ['ahead', 0],
    ]);
    expect(roundSteps(training)[0]!.note).toBe('step 9 of 12');
  });

  it('move on to the exchange and are all done while waiting', () => {
    expect(roundSteps({ ...training, phase: 'exchanging' }).map((s) => s.state)).toEqual([
      'done',
      'current',
      'ahead',
    ]);
    expect(roundSteps({ ...training, phase: 'waiting' }).map((s) => s.state)).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(roundSteps({ ...training, phase: 'waiting', round: 0 })[0]!.state).toBe('ahead');
  });

  it('do not divide by an unknown number of steps', () => {
    expect(roundSteps({ ...training, step: 3, maxSteps: 0 })[0]!.share).toBe(0);
  });
});

it('the title tells progress first', () => {
  const training = VOLUNTEER_FIXTURES.training;
  expect(pageTitle(training)).toBe(
    `${Math.floor(training.status!.progress * 100)} % · Training · glyphs · Murmur`,
  );
  expect(pageTitle(VOLUNTEER_FIXTURES.failed)).toBe('This machine cannot take part · glyphs · Murmur');
  expect(pageTitle({ ...VOLUNTEER_FIXTURES.idle, run: undefined })).toBe('Murmur');
});
