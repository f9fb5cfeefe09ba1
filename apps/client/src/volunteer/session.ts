/**
 * One person's stay on the page: joins, hands over the controls, leaves. A stay that was left or replaced is
 * never heard again, so what a button says is true the moment it is pressed.
 */
import {
  NO_COMPUTE,
  type ComputeView,
  type VolunteerControls,
  type VolunteerView,
} from '@murmur/core/volunteer/view';
import { computeWith, fittingGrant, idleCompute, type Grant } from './grant.ts';
import { isTakingPart } from './phases.ts';

/** Who joins, and what of this machine they give from the first step on. */
export interface Joining extends Grant {
  readonly name: string;
}

/** Starts a volunteer; rejects with a sentence when this device cannot take part at all. */
export type Connect = (joining: Joining, onView: (view: VolunteerView) => void) => Promise<VolunteerControls>;

export interface SessionOptions {
  readonly connect: Connect;
  readonly name: string;
  readonly grant: Grant;
  /** Cores of this machine, at least 1. */
  readonly cores: number;
}

/** Throttle and workers can be set at any time: before joining, while connecting, after leaving. */
export interface Session extends VolunteerControls {
  join(name: string): void;
}

/** A volunteer pauses between rounds: `pausing` is true from the press of Pause to that of Resume. */
export type ShowSession = (view: VolunteerView, pausing: boolean) => void;

export const idleView = (name: string, compute: ComputeView = NO_COMPUTE): VolunteerView => ({
  phase: 'idle',
  sentence: '',
  name,
  device: '',
  compute,
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
  others: 0,
  meshBytes: 0,
  relayBytes: 0,
  preview: undefined,
});

const sentenceOf = (problem: unknown): string =>
  problem instanceof Error && problem.message !== ''
    ? problem.message
    : 'This browser could not start a volunteer.';

export function createSession({ connect, name, grant, cores }: SessionOptions, onView: ShowSession): Session {
  let stay = 0;
  let pausing = false;
  let wish = grant;
  let view = idleView(name, idleCompute(grant, cores));
  let controls: VolunteerControls | undefined;

  const show = (next: VolunteerView): void => {
    view = { ...next, compute: computeWith(next.compute, wish, cores) };
    onView(view, pausing);
  };

  const pause = (wanted: boolean): void => {
    if (controls === undefined) return;
    pausing = wanted;
    show(view);
    if (wanted) controls.pause();
    else controls.resume();
  };

  const give = (changes: Partial<Grant>): void => {
    wish = fittingGrant({ ...wish, ...changes }, cores);
    show(view);
    if (changes.throttle !== undefined) controls?.setThrottle(wish.throttle);
    if (changes.workers !== undefined) controls?.setWorkers(wish.workers);
  };

  const end = (): void => {
    stay++;
    pausing = false;
    controls?.leave();
    controls = undefined;
  };

  /** The volunteer has begun with what was wished when it was asked; the person may have moved on since. */
  const take = (made: VolunteerControls, begunWith: Grant): void => {
    controls = made;
    if (wish.throttle !== begunWith.throttle) made.setThrottle(wish.throttle);
    if (wish.workers !== begunWith.workers) made.setWorkers(wish.workers);
  };

  const join = (joining: string): void => {
    if (isTakingPart(view.phase)) return;
    end();
    const [mine, begunWith] = [stay, wish];
    show({ ...idleView(joining), phase: 'connecting' });
    connect({ name: joining, ...begunWith }, (next) => {
      if (mine === stay) show(next);
    }).then(
      (made) => {
        if (mine === stay) take(made, begunWith);
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
    const compute = { ...view.compute, workers: 0 };
    show({ ...view, phase: 'left', sentence: '', samplesPerSecond: 0, peers: [], others: 0, compute });
  };

  return {
    join,
    leave,
    pause: () => pause(true),
    resume: () => pause(false),
    setThrottle: (throttle) => give({ throttle }),
    setWorkers: (workers) => give({ workers }),
  };
}
