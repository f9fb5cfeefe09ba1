/**
 * One person's stay on the page: joins, hands over the controls, leaves. A stay that was left or replaced is
 * never heard again, so what a button says is true the moment it is pressed.
 */
import { NO_COMPUTE, type VolunteerControls, type VolunteerView } from '@murmur/core/volunteer/view';
import { isTakingPart } from './phases.ts';

/** Starts a volunteer; rejects with a sentence when this device cannot take part at all. */
export type Connect = (name: string, onView: (view: VolunteerView) => void) => Promise<VolunteerControls>;

export interface Session extends VolunteerControls {
  join(name: string): void;
}

/** A volunteer pauses between rounds: `pausing` is true from the press of Pause to that of Resume. */
export type ShowSession = (view: VolunteerView, pausing: boolean) => void;

export const idleView = (name: string): VolunteerView => ({
  phase: 'idle',
  sentence: '',
  name,
  device: '',
  compute: NO_COMPUTE,
  run: undefined,
  status: undefined,
  version: undefined,
  round: 0,
  step: 0,
  maxSteps: 0,
  samples: 0,
  samplesPerSecond: 0,
  contributedRounds: 0,
  records: [],
  peers: [],
  meshBytes: 0,
  relayBytes: 0,
  preview: undefined,
});

const sentenceOf = (problem: unknown): string =>
  problem instanceof Error && problem.message !== ''
    ? problem.message
    : 'This browser could not start a volunteer.';

export function createSession(connect: Connect, name: string, onView: ShowSession): Session {
  let stay = 0;
  let pausing = false;
  let view = idleView(name);
  let controls: VolunteerControls | undefined;

  const show = (next: VolunteerView): void => onView((view = next), pausing);

  const pause = (wish: boolean): void => {
    if (controls === undefined) return;
    pausing = wish;
    show(view);
    if (wish) controls.pause();
    else controls.resume();
  };

  const end = (): void => {
    stay++;
    pausing = false;
    controls?.leave();
    controls = undefined;
  };

  const join = (joining: string): void => {
    if (isTakingPart(view.phase)) return;
    end();
    const mine = stay;
    show({ ...idleView(joining), phase: 'connecting' });
    connect(joining, (next) => {
      if (mine === stay) show(next);
    }).then(
      (made) => {
        if (mine === stay) controls = made;
        else made.leave();
      },
      (problem: unknown) => {
        if (mine === stay) show({ ...view, phase: 'failed', sentence: sentenceOf(problem) });
      },
    );
  };

  const leave = (): void => {
    if (!isTakingPart(view.phase)) return;
    end();
    show({ ...view, phase: 'left', sentence: '', samplesPerSecond: 0, peers: [] });
  };

  return {
    join,
    leave,
    pause: () => pause(true),
    resume: () => pause(false),
    setThrottle: (share) => controls?.setThrottle(share),
    setWorkers: (count) => controls?.setWorkers(count),
  };
}
