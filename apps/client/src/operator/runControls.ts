import { formatPlural } from '../views/format.ts';
import { shownPhase } from './outlook.ts';
import type { CommandType, ConsoleState } from './console.ts';

/** What can be done to the run as a whole. */
export type RunCommand = Exclude<CommandType, 'pardon'>;

export interface RunControl {
  readonly command: RunCommand;
  readonly label: string;
  readonly primary: boolean;
  /** Why it cannot be pressed now; undefined when it can. */
  readonly blocked: string | undefined;
}

const PENDING_WORDS: Record<RunCommand, string> = {
  start: 'Starting …',
  pause: 'Pausing …',
  export: 'Exporting …',
};

/** Why nothing can be asked of the coordinator now; undefined when it can. */
export function runBlocked(state: ConsoleState): string | undefined {
  if (state.link !== 'connected') return 'No connection to the coordinator.';
  return state.pending === undefined ? undefined : 'Waiting for the coordinator’s answer.';
}

/** Start or pause, whichever the run can do, and export. */
export function runControls(state: ConsoleState): readonly RunControl[] {
  if (state.snapshot === undefined) return [];
  const { status } = state.snapshot;
  const phase = shownPhase(state.snapshot);
  const busy = runBlocked(state);
  const label = (command: RunCommand, words: string) =>
    state.pending === command ? PENDING_WORDS[command] : words;
  const noVersion =
    status.round === 0 ? 'There is nothing to export before the first committed round.' : undefined;
  const done = phase === 'finished' ? 'The run has reached its target.' : undefined;
  const first: RunControl =
    phase === 'running' || phase === 'waiting'
      ? { command: 'pause', label: label('pause', 'Pause'), primary: false, blocked: busy }
      : {
          command: 'start',
          label: label('start', phase === 'paused' ? 'Resume' : 'Start'),
          primary: true,
          blocked: busy ?? done,
        };
  return [
    first,
    {
      command: 'export',
      label: label('export', 'Export encoder'),
      primary: false,
      blocked: busy ?? noVersion,
    },
  ];
}

/** What the open round is doing, in words. */
export const OPEN_PHASE_WORDS = {
  training: 'training',
  reducing: 'exchanging',
  gathering: 'exchanging inside groups',
  combining: 'exchanging between groups',
  committing: 'committing the new version',
  spreading: 'handing out the update',
} as const;

export const readyWords = (ready: number, members: number): string =>
  `${ready} of ${formatPlural(members, 'volunteer')} ready`;
