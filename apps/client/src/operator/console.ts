/** The operator page's state as a pure reducer: what came over the feed, and what the person asked for. */
import type { CommandAnswer, OperatorCommand, OperatorSnapshot } from '@murmur/core/protocol/operator';

export type CommandType = OperatorCommand['type'];

export type FeedEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'lost' }
  | { readonly type: 'refused'; readonly cause: string }
  | { readonly type: 'unreadable' }
  | { readonly type: 'snapshot'; readonly snapshot: OperatorSnapshot };

export type ConsoleEvent =
  | FeedEvent
  | { readonly type: 'asked'; readonly command: CommandType }
  | { readonly type: 'answered'; readonly command: CommandType; readonly answer: CommandAnswer };

export interface ConsoleState {
  readonly link: 'connecting' | 'connected' | 'lost' | 'refused';
  readonly snapshot: OperatorSnapshot | undefined;
  /** On this page's clock; undefined before the first snapshot. */
  readonly receivedAtMs: number | undefined;
  readonly pending: CommandType | undefined;
  /** What went wrong with the token, the last command or the last snapshot; gone with the next success. */
  readonly problem: string | undefined;
}

export const newConsole: ConsoleState = {
  link: 'connecting',
  snapshot: undefined,
  receivedAtMs: undefined,
  pending: undefined,
  problem: undefined,
};

const UNREADABLE = 'This page and the coordinator are of different versions. Reload the page.';

/** `nowMs` is this page's clock. */
export function reduceConsole(state: ConsoleState, event: ConsoleEvent, nowMs: number): ConsoleState {
  switch (event.type) {
    case 'connected':
      return { ...state, link: 'connected' };
    case 'lost':
      return { ...state, link: state.snapshot === undefined ? 'connecting' : 'lost' };
    case 'refused':
      return { ...newConsole, link: 'refused', problem: event.cause };
    case 'unreadable':
      return { ...state, problem: UNREADABLE };
    case 'snapshot':
      return {
        ...state,
        link: 'connected',
        snapshot: event.snapshot,
        receivedAtMs: nowMs,
        problem: state.problem === UNREADABLE ? undefined : state.problem,
      };
    case 'asked':
      return { ...state, pending: event.command, problem: undefined };
    case 'answered':
      return { ...state, pending: undefined, problem: event.answer.ok ? undefined : event.answer.sentence };
  }
}

/** The coordinator's clock now, carried on from its last snapshot. */
export const coordinatorNow = (state: ConsoleState, nowMs: number): number =>
  (state.snapshot?.nowMs ?? 0) + Math.max(0, nowMs - (state.receivedAtMs ?? nowMs));
