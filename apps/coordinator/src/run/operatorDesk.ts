import type { CommandAnswer, OperatorCommand, OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { coverage } from '@murmur/core/round/leases';
import type { OpenRound } from '@murmur/core/round/state';
import type { Ledger } from './ledger.ts';
import type { Maps } from './maps.ts';
import type { Noticeboard } from './noticeboard.ts';
import type { RunOptions } from './options.ts';
import type { OperatorConversation } from './ports.ts';
import type { RoundRunner } from './roundRunner.ts';
import { sentenceOf, type Scores } from './scores.ts';
import { rowsOf, type Sessions } from './sessions.ts';

/** Rows of the round log that travel to the operator page. */
const SHOWN_ROUNDS = 1_000;

export interface DeskParts {
  readonly options: RunOptions;
  readonly sessions: Sessions;
  readonly runner: RoundRunner;
  readonly ledger: Ledger;
  readonly board: Noticeboard;
  readonly scores: Scores;
  readonly maps: Pick<Maps, 'index'> | undefined;
  readonly records: readonly RoundRecord[];
  readonly exportPath: () => string | null;
  /** Writes the encoder as it is now. */
  readonly exportNow: () => Promise<string>;
}

/** The operators' pages: what they see and what they may ask for. */
export interface OperatorDesk {
  operator(push: (snapshot: OperatorSnapshot) => void): OperatorConversation;
  push(): void;
}

export function createOperatorDesk(parts: DeskParts): OperatorDesk {
  const { runner, ledger } = parts;
  const pages = new Set<(snapshot: OperatorSnapshot) => void>();
  const startedAtMs = parts.options.clock.now();

  async function carryOut(command: OperatorCommand): Promise<CommandAnswer> {
    const { type } = command;
    if (type === 'pardon') {
      if (!runner.state().banned.has(command.peer)) return { ok: false, sentence: NOT_EXCLUDED };
      runner.dispatch(command);
      return { ok: true };
    }
    if (type === 'export') {
      await parts.exportNow();
      return { ok: true };
    }
    if (type === 'start' && runner.state().phase === 'finished') return { ok: false, sentence: FINISHED };
    runner.dispatch({ type: 'command', command: type });
    await ledger.setPhase(runner.state().phase);
    return { ok: true };
  }

  return {
    operator(push) {
      pages.add(push);
      push(snapshotOf(parts, startedAtMs));
      return {
        command: (command) =>
          carryOut(command).catch((cause: unknown) => ({
            ok: false,
            sentence: `That did not work: ${sentenceOf(cause)}`,
          })),
        closed: () => void pages.delete(push),
      };
    },
    push() {
      if (pages.size === 0) return;
      const snapshot = snapshotOf(parts, startedAtMs);
      for (const page of pages) page(snapshot);
    },
  };
}

const NOT_EXCLUDED = 'This volunteer is not excluded any more. Reload the page to see who is.';
const FINISHED = 'The run has met its target. Start it again with a larger --rounds, --samples or --minutes.';

function snapshotOf(
  { options, sessions, runner, board, scores, maps, records, exportPath }: DeskParts,
  startedAtMs: number,
): OperatorSnapshot {
  const state = runner.state();
  const nowMs = options.clock.now();
  return {
    run: options.info,
    status: runner.status(),
    joinUrls: [...options.joinUrls()],
    startedAtMs,
    nowMs,
    samplesDone: state.samplesDone,
    open: state.open ? openOf(state.open, nowMs) : null,
    volunteers: rowsOf(sessions.all(), state),
    rounds: records.slice(-SHOWN_ROUNDS),
    scores: [...scores.all],
    noScores: options.noScores,
    map: maps?.index() ?? null,
    coverage: coverage(state.leases),
    alerts: [...board.all()],
    exportPath: exportPath(),
    bans: [...state.banned.values()],
  };
}

const openOf = (open: OpenRound, nowMs: number): OperatorSnapshot['open'] => ({
  round: open.manifest.round,
  phase: open.phase,
  ready: open.phase === 'spreading' ? open.applied.size : open.ready.size,
  members: open.manifest.members.length,
  openedAtMs: open.openedAtMs,
  deadlineMs: Number.isFinite(open.deadlineMs) ? open.deadlineMs : nowMs,
});
