import type { BackendTrial } from '@murmur/core/volunteer/view';
import { formatRate } from '../views/format.ts';
import { OUTCOME_WORDS } from './computeWords.ts';

function Trial({ trial }: { trial: BackendTrial }) {
  return (
    <li class={`trial ${trial.outcome}`}>
      <b>{trial.title}</b>
      <span class="outcome">{OUTCOME_WORDS[trial.outcome]}</span>
      {trial.samplesPerSecond !== undefined && (
        <span class="rate">{formatRate(trial.samplesPerSecond)} pictures/s</span>
      )}
      <span class="note">{trial.reason}</span>
    </li>
  );
}

/** Every way of computing that this machine offers, and what became of it. */
export function TrialList({ trials }: { trials: readonly BackendTrial[] }) {
  const timed = trials.some((trial) => trial.samplesPerSecond !== undefined);
  return (
    <>
      <ul class="trials">
        {trials.map((trial) => (
          <Trial key={trial.title} trial={trial} />
        ))}
      </ul>
      {timed && <p class="note">Speeds are of one worker, measured on this model.</p>}
    </>
  );
}
