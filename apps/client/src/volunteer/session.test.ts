import type { VolunteerControls, VolunteerView } from '@murmur/core/volunteer/view';
import { describe, expect, it, vi } from 'vitest';
import { createSession, idleView, type Joining } from './session.ts';

/** A connection that the test opens or breaks by hand. */
function harness() {
  const phases: string[] = [];
  const pauses: boolean[] = [];
  const attempts: {
    joining: Joining;
    say: (view: VolunteerView) => void;
    open: (controls: VolunteerControls) => void;
    fail: (problem: Error) => void;
  }[] = [];
  let last = idleView('Quiet wren');
  const session = createSession(
    {
      connect: (joining, say) =>
        new Promise((open, fail) => void attempts.push({ joining, say, open, fail })),
      name: 'Quiet wren',
      grant: { throttle: 1, workers: 2 },
      cores: 4,
    },
    (view, pausing) => {
      phases.push((last = view).phase);
      pauses.push(pausing);
    },
  );
  return { session, phases, pauses, attempts, last: () => last };
}

const controls = () => ({
  pause: vi.fn(),
  resume: vi.fn(),
  leave: vi.fn(),
  setThrottle: vi.fn(),
  setWorkers: vi.fn(),
});
const settled = () => new Promise<void>((done) => setImmediate(done));

describe('a session', () => {
  it('shows connecting at once, then what the volunteer says', async () => {
    const { session, phases, attempts } = harness();
    session.join('Ada');
    attempts[0]!.open(controls());
    await settled();
    attempts[0]!.say({ ...idleView('Ada'), phase: 'training' });
    expect(attempts[0]!.joining).toEqual({ name: 'Ada', throttle: 1, workers: 2 });
    expect(phases).toEqual(['connecting', 'training']);
  });

  it('passes pause, resume and leave on, and is silent after leaving', async () => {
    const { session, phases, attempts } = harness();
    const made = controls();
    session.join('Ada');
    attempts[0]!.open(made);
    await settled();
    session.pause();
    session.resume();
    session.leave();
    attempts[0]!.say({ ...idleView('Ada'), phase: 'training' });
    expect([made.pause, made.resume, made.leave].map((f) => f.mock.calls.length)).toEqual([1, 1, 1]);
    expect(phases).toEqual(['connecting', 'connecting', 'connecting', 'left']);
  });

  it('tells from the press of Pause to that of Resume that it is pausing', async () => {
    const { session, pauses, attempts } = harness();
    session.join('Ada');
    attempts[0]!.open(controls());
    await settled();
    session.pause();
    attempts[0]!.say({ ...idleView('Ada'), phase: 'exchanging' });
    session.resume();
    expect(pauses).toEqual([false, true, true, false]);
  });

  it('leaves even when pressed before the connection stands', async () => {
    const { session, phases, attempts } = harness();
    const made = controls();
    session.join('Ada');
    session.leave();
    attempts[0]!.open(made);
    await settled();
    expect(made.leave).toHaveBeenCalledOnce();
    expect(phases.at(-1)).toBe('left');
  });

  it('shows why it failed, and can try again', async () => {
    const { session, phases, attempts, last } = harness();
    session.join('Ada');
    attempts[0]!.fail(new Error('This browser has no WebRTC. Use a newer one.'));
    await settled();
    expect(last().sentence).toBe('This browser has no WebRTC. Use a newer one.');
    session.join('Ada');
    expect(phases).toEqual(['connecting', 'failed', 'connecting']);
  });

  it('does not join twice', () => {
    const { session, attempts } = harness();
    session.join('Ada');
    session.join('Ada');
    expect(attempts).toHaveLength(1);
  });
});

describe('what a person gives', () => {
  it('is chosen before joining and handed over with the name', () => {
    const { session, attempts, last } = harness();
    session.setThrottle(0.6);
    session.setWorkers(3);
    expect(last().phase).toBe('idle');
    expect(last().compute).toMatchObject({ throttle: 0.6, wantedWorkers: 3, workers: 0, cores: 4 });
    session.join('Ada');
    expect(attempts[0]!.joining).toEqual({ name: 'Ada', throttle: 0.6, workers: 3 });
  });

  it('goes through at once while training, and is shown before the volunteer says so', async () => {
    const { session, attempts, last } = harness();
    const made = controls();
    session.join('Ada');
    attempts[0]!.open(made);
    await settled();
    attempts[0]!.say({ ...idleView('Ada'), phase: 'training' });
    session.setThrottle(0.25);
    session.setWorkers(9);
    expect(made.setThrottle.mock.calls).toEqual([[0.25]]);
    expect(made.setWorkers.mock.calls).toEqual([[4]]);
    attempts[0]!.say({ ...idleView('Ada'), phase: 'training', step: 3 });
    expect(last().compute).toMatchObject({ throttle: 0.25, wantedWorkers: 4 });
  });

  it('is told to a volunteer that started before the choice was made, and only then', async () => {
    const { session, attempts } = harness();
    const made = controls();
    session.join('Ada');
    session.setThrottle(0.1);
    attempts[0]!.open(made);
    await settled();
    expect(made.setThrottle.mock.calls).toEqual([[0.1]]);
    expect(made.setWorkers).not.toHaveBeenCalled();
  });

  it('outlives a stay', async () => {
    const { session, attempts } = harness();
    session.join('Ada');
    attempts[0]!.open(controls());
    await settled();
    session.setThrottle(0.5);
    session.leave();
    session.join('Ada');
    expect(attempts[1]!.joining.throttle).toBe(0.5);
  });

  it('counts no workers after leaving', async () => {
    const { session, attempts, last } = harness();
    session.join('Ada');
    attempts[0]!.open(controls());
    await settled();
    const view = idleView('Ada');
    attempts[0]!.say({ ...view, phase: 'training', compute: { ...view.compute, workers: 2 } });
    session.leave();
    expect(last().compute.workers).toBe(0);
  });
});
