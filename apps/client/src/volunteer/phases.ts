/** What each phase of a volunteer means to the person in front of it. Pure: phase in, words and buttons out. */
import type { VolunteerPhase, VolunteerView } from '@murmur/core/volunteer/view';

export type ActionId = 'join' | 'pause' | 'resume' | 'leave';

export interface Action {
  readonly id: ActionId;
  readonly label: string;
  readonly primary: boolean;
}

export interface PhaseText {
  readonly title: string;
  /** Said while the volunteer itself says nothing. */
  readonly sentence: string;
  /** What to do next, or what happens by itself. */
  readonly next: string;
  readonly tone: 'calm' | 'busy' | 'good' | 'bad';
}

export const PHASE_TEXT: Record<VolunteerPhase, PhaseText> = {
  idle: {
    title: 'Ready to join',
    sentence: 'Nothing runs on this machine yet.',
    next: 'Press Join to take part.',
    tone: 'calm',
  },
  connecting: {
    title: 'Connecting',
    sentence: 'Looking for the coordinator.',
    next: 'If nothing answers within a few seconds, check that this device is on the coordinator’s network.',
    tone: 'busy',
  },
  preparing: {
    title: 'Getting ready',
    sentence: 'Loading the model and a share of the pictures.',
    next: 'Nothing to do. Training starts by itself.',
    tone: 'busy',
  },
  waiting: {
    title: 'Waiting',
    sentence: 'This machine is ready.',
    next: 'Nothing to do. The next round starts by itself; keep this tab open.',
    tone: 'calm',
  },
  training: {
    title: 'Training',
    sentence: 'This machine learns from its share of the pictures.',
    next: 'You can use other windows; keep this tab open.',
    tone: 'busy',
  },
  exchanging: {
    title: 'Exchanging',
    sentence: 'This machine trades what it learned with the others.',
    next: 'You can use other windows; keep this tab open.',
    tone: 'busy',
  },
  paused: {
    title: 'Paused',
    sentence: 'This machine rests; the others go on.',
    next: 'Press Resume to take part again from the next round.',
    tone: 'calm',
  },
  finished: {
    title: 'The run is finished',
    sentence: 'The model has reached its target. Thank you.',
    next: 'You can close this page.',
    tone: 'good',
  },
  left: {
    title: 'You have left',
    sentence: 'Nothing runs on this machine any more.',
    next: 'What it added stays in the model. Join again whenever you like.',
    tone: 'calm',
  },
  failed: {
    title: 'This machine cannot take part',
    sentence: 'Something went wrong.',
    next: 'Press Try again. If it keeps failing, reload the page or tell the operator.',
    tone: 'bad',
  },
};

const JOIN: Action = { id: 'join', label: 'Join', primary: true };
const LEAVE: Action = { id: 'leave', label: 'Leave', primary: false };
const PAUSE: Action = { id: 'pause', label: 'Pause', primary: false };

const RESUME: Action = { id: 'resume', label: 'Resume', primary: true };

/** Said from the press of Pause until the round in hand is handed over. */
export const PAUSING_SENTENCE = 'This machine finishes its round, then it rests.';

/** The buttons of a phase; each does what it says at once. `pausing`: a pause is asked for already. */
export function actionsOf(phase: VolunteerPhase, pausing = false): readonly Action[] {
  switch (phase) {
    case 'idle':
      return [JOIN];
    case 'connecting':
    case 'preparing':
      return [LEAVE];
    case 'waiting':
    case 'training':
    case 'exchanging':
      return [pausing ? RESUME : PAUSE, LEAVE];
    case 'paused':
      return [RESUME, LEAVE];
    case 'finished':
      return [LEAVE];
    case 'left':
      return [{ ...JOIN, label: 'Join again' }];
    case 'failed':
      return [{ ...JOIN, label: 'Try again' }];
  }
}

/** Whether this machine is part of the run, so that leaving means something. */
export const isTakingPart = (phase: VolunteerPhase): boolean =>
  actionsOf(phase).some((action) => action.id === 'leave');

export interface RoundStep {
  readonly label: string;
  readonly note: string;
  readonly state: 'done' | 'current' | 'ahead';
  /** 0 to 1 */
  readonly share: number;
}

const STEPS = [
  ['Train', 'on this machine'],
  ['Exchange', 'with the others'],
  ['Apply', 'the common update'],
] as const;

/** The three steps of the round in flight, or of the last one while the volunteer waits. */
export function roundSteps(view: VolunteerView): readonly RoundStep[] {
  const at =
    view.phase === 'training'
      ? 0
      : view.phase === 'exchanging'
        ? 1
        : view.phase === 'waiting' && view.round > 0
          ? 3
          : -1;
  return STEPS.map(([label, note], i) => {
    const state = i < at ? 'done' : i === at ? 'current' : 'ahead';
    const counted = i === 0 && state === 'current' && view.maxSteps > 0;
    return {
      label,
      note: counted ? `step ${view.step} of ${view.maxSteps}` : note,
      state,
      share: state === 'done' ? 1 : counted ? Math.min(1, view.step / view.maxSteps) : 0,
    };
  });
}

/** The tab's title: progress first, so that a narrow tab still tells it. */
export function pageTitle(view: VolunteerView): string {
  const name = view.run === undefined ? 'Murmur' : `${view.run.name} · Murmur`;
  if (view.phase === 'idle') return name;
  const words = PHASE_TEXT[view.phase].title;
  if (!isTakingPart(view.phase) || view.status === undefined) return `${words} · ${name}`;
  return `${Math.floor(view.status.progress * 100)} % · ${words} · ${name}`;
}
