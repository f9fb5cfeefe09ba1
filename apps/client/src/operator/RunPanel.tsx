import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { formatDuration, formatPlural, formatProgress } from '../views/format.ts';
import { ProgressBar } from '../views/ProgressBar.tsx';
import { targetWords } from '../views/words.ts';
import { missingVolunteers, shownPhase, timeLeftMs } from './outlook.ts';
import { OPEN_PHASE_WORDS, readyWords } from './runControls.ts';

function OpenRound({ open, nowMs }: { open: NonNullable<OperatorSnapshot['open']>; nowMs: number }) {
  const span = Math.max(1, open.deadlineMs - open.openedAtMs);
  const left = open.deadlineMs - nowMs;
  return (
    <div class="openRound">
      <p>
        <b>Round {open.round}</b> is {OPEN_PHASE_WORDS[open.phase]}: {readyWords(open.ready, open.members)}.
      </p>
      <ProgressBar share={1 - Math.max(0, left) / span} label={`Time of round ${open.round}`} />
      <p class="note">{left > 0 ? `at most ${formatDuration(left)} left` : 'at its deadline'}</p>
    </div>
  );
}

const waitingSentence = (missing: number): string =>
  missing === 0
    ? 'The next round is about to open.'
    : `The next round waits for ${formatPlural(missing, 'more volunteer')}.`;

function idleSentence(snapshot: OperatorSnapshot): string {
  const { volunteers, run } = snapshot;
  switch (shownPhase(snapshot)) {
    case 'new':
      return volunteers.length === 0
        ? 'No round is open. Let volunteers join, then press Start.'
        : 'No round is open. Press Start when everybody is here.';
    case 'waiting':
    case 'running':
      return waitingSentence(missingVolunteers(snapshot));
    case 'paused':
      return 'The run is paused: volunteers stay connected and wait. Press Resume to go on.';
    case 'finished':
      return `The target of ${targetWords(run.target)} is reached.`;
  }
}

function Left({ snapshot }: { snapshot: OperatorSnapshot }) {
  const left = timeLeftMs(snapshot);
  if (snapshot.status.phase === 'finished') return <>target reached</>;
  if (left === undefined) return <>time left is known after the first round</>;
  return <>about {formatDuration(left)} of training left</>;
}

/** Progress to the target and the round in flight. */
export function RunPanel({ snapshot, nowMs }: { snapshot: OperatorSnapshot; nowMs: number }) {
  const { status, run, open } = snapshot;
  return (
    <section class="panel" aria-label="Progress">
      <div class="progressHead">
        <span class="figure">{formatProgress(status.progress)}</span>
        <span class="note">
          of {targetWords(run.target)} · <Left snapshot={snapshot} />
        </span>
      </div>
      <ProgressBar share={status.progress} label="Progress to the target" />
      {open === null ? (
        <p class="idleRound">{idleSentence(snapshot)}</p>
      ) : (
        <OpenRound open={open} nowMs={nowMs} />
      )}
      {snapshot.exportPath !== null && (
        <p class="exported">
          Exported to <code>{snapshot.exportPath}</code> on the coordinator.
        </p>
      )}
    </section>
  );
}
