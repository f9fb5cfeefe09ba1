import type { VolunteerControls, VolunteerView } from '@murmur/core/volunteer/view';
import { describe, expect, it, vi } from 'vitest';
import { createSession, idleView } from './session.ts';

/** A connection that the test opens or breaks by hand. */
function harness() {
  const phases: string[] = [];
  const pauses: boolean[] = [];
  const attempts: {
    name: string;
    say: (view: VolunteerView) => void;
    open: (controls: VolunteerControls) => void;
    fail: (problem: Error) => void;
  }[] = [];
  let last = idleView('Quiet wren');
  const session = createSession(
    (name, say) => new Promise((open, fail) => void attempts.push({ name, say, open, fail })),
    'Quiet wren',
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
    expect(attempts[0]!.name).toBe('Ada');
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
