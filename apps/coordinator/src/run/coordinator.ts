import { REASON_SENTENCES, type Reason } from '@murmur/core/protocol/reasons';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import type { Given } from '@murmur/core/round/state';
import { versionName } from '@murmur/core/version/name';
import { createAdmission } from './admission.ts';
import { createBans } from './bans.ts';
import { createLedger, openStoredRun } from './ledger.ts';
import { openMaps } from './maps.ts';
import { createNoticeboard, type Noticeboard } from './noticeboard.ts';
import { createOperatorDesk } from './operatorDesk.ts';
import type { RunOptions } from './options.ts';
import type { CoordinatorPort } from './ports.ts';
import { createRoundRunner } from './roundRunner.ts';
import { createScores, sentenceOf } from './scores.ts';
import { createSessions } from './sessions.ts';
import { openVersionKeeper } from './versionKeeper.ts';

/** Changes are collected for so long, so that pages are told often enough and no oftener. */
const PUSH_EVERY_MS = 500;

export interface Coordinator extends CoordinatorPort {
  /** Last round of a run that goes on; 0 for a new one. */
  readonly resumedAt: number;
  readonly alert: Noticeboard['alert'];
  /** Stops opening rounds and lets writes finish. What is committed is safe; an open round will be repeated. */
  stop(): Promise<void>;
}

/** Puts a run together from its parts, and takes it up where its store says that it stands. */
export async function createCoordinator(options: RunOptions): Promise<Coordinator> {
  const { clock, observer } = options;
  let exportPath: string | null = null;
  let cancelPush: (() => void) | undefined;
  const initial = options.initialParams();
  const stored = await openStoredRun(options, initial);
  const pinned = stored.scores.map((s) => s.version);
  const keeper = await openVersionKeeper(options, { version: stored.head.version, pinned });
  const records: RoundRecord[] = stored.records;
  const sessions = createSessions(options.newName);
  const ledger = createLedger(options);
  const board = createNoticeboard(options, pushSoon);
  const maps = options.mapDrawing && (await openMaps(options.mapBlobs, options.mapDrawing, board, pushSoon));
  const scores = createScores(options, keeper, stored.scores, pushSoon, maps);
  const bans = createBans({ sessions, ledger, board });
  const runner = createRoundRunner(
    {
      options,
      keeper,
      ledger,
      sessions,
      board,
      onRecord,
      onFinished: () => void finish(),
      ...{ onBanned: bans.banish, onPardoned: bans.pardon },
      onChange: pushSoon,
    },
    stored,
  );
  const admission = createAdmission({ options, sessions, runner, board, records });
  const desk = createOperatorDesk({
    ...{ options, sessions, runner, ledger, board, scores, maps, records },
    exportPath: () => exportPath,
    exportNow: () => exportVersion(scores.all.at(-1)),
  });
  scores.begin(initial);
  void maps?.take(0, versionName(initial), initial);
  if (runner.state().phase === 'finished') void finish();

  function pushSoon(): void {
    cancelPush ??= clock.after(PUSH_EVERY_MS, () => {
      cancelPush = undefined;
      admission.sendRoster();
      desk.push();
    });
  }

  function onRecord(record: RoundRecord, members: readonly Given[]): void {
    records.push(record);
    ledger.close(runner.state(), record).catch((cause: unknown) => {
      board.alert('error', `The round log could not be written: ${sentenceOf(cause)}`);
    });
    sessions.credit(members);
    const trouble = troubleIn(record);
    if (trouble !== undefined) board.show('warning', `Round ${record.round}: ${trouble}`);
    for (const session of sessions.all()) session.send({ type: 'record', record });
    observer.round(record);
    if (record.reason === null) scores.consider(record.round, record.version, keeper.params());
  }

  async function exportVersion(score: ScoreRecord | undefined): Promise<string> {
    const { round, version, samplesDone } = runner.state();
    const path = await options.exportModel({ params: keeper.params(), version, round, samplesDone, score });
    exportPath = path;
    board.show('info', `The encoder of round ${round} is in ${path}.`);
    return path;
  }

  /** Scores, exports and says so; a version that cannot be scored is exported all the same. */
  async function finish(): Promise<void> {
    const { round, committedRounds, version } = runner.state();
    const problems: string[] = [];
    const failing = (what: string) => (cause: unknown) => void problems.push(`${what}: ${sentenceOf(cause)}`);
    await ledger.setPhase('finished').catch(failing('The end of the run could not be stored'));
    const score = await scores
      .finish(round, version, keeper.params())
      .catch(failing('The last version could not be scored'));
    const path = await exportVersion(score ?? undefined).catch(failing('The encoder could not be exported'));
    for (const problem of problems) board.show('error', problem);
    if (path !== undefined && problems.length === 0)
      observer.done({ rounds: committedRounds, version, export: path, ...(score && { score }) });
    else observer.failed(problems.join(' '));
  }

  return {
    resumedAt: stored.head.round,
    alert: board.alert,
    volunteer: admission.volunteer,
    operator: desk.operator,
    status: () => ({ run: options.info, status: runner.status(), volunteers: sessions.all().length }),
    rounds: () => records,
    async stop() {
      cancelPush?.();
      await runner.stop();
      await ledger.settled();
    },
  };
}

const isReason = (text: string): text is Reason => Object.hasOwn(REASON_SENTENCES, text);

/** What went wrong in a round, in a sentence; undefined when nothing did. */
function troubleIn({ reason, missingParts }: RoundRecord): string | undefined {
  if (reason !== null) return isReason(reason) ? REASON_SENTENCES[reason] : reason;
  if (missingParts === 0) return undefined;
  return `${missingParts === 1 ? 'one part was' : `${missingParts} parts were`} not reduced, because the owner was lost; nothing changed there.`;
}
