import type { VolunteerView } from '@murmur/core/volunteer/view';
import { formatPlural, formatProgress } from '../views/format.ts';
import { ProgressBar } from '../views/ProgressBar.tsx';
import {
  actionsOf,
  PAUSING_SENTENCE,
  PHASE_TEXT,
  roundSteps,
  type ActionId,
  type RoundStep,
} from './phases.ts';

function Step({ step }: { step: RoundStep }) {
  return (
    <li class={`step ${step.state}`} aria-current={step.state === 'current' ? 'step' : undefined}>
      <span class="stepLabel">{step.label}</span>
      <span class="note">{step.note}</span>
      <span class="stepBar" aria-hidden="true">
        <span style={{ width: `${step.share * 100}%` }} />
      </span>
    </li>
  );
}

function RunProgress({ view }: { view: VolunteerView }) {
  if (view.status === undefined) return null;
  return (
    <div class="runProgress">
      <ProgressBar share={view.status.progress} label="Progress of the run" />
      <span>
        Run {formatProgress(view.status.progress)} · {formatPlural(view.status.round, 'round')} done
      </span>
    </div>
  );
}

interface StagePanelProps {
  readonly view: VolunteerView;
  /** Pause was pressed; the round in hand is still being finished. */
  readonly pausing: boolean;
  readonly onAction: (action: ActionId) => void;
}

/** What happens now, what comes next, and the buttons. */
export function StagePanel({ view, pausing, onAction }: StagePanelProps) {
  const text = PHASE_TEXT[view.phase];
  const inRound = view.phase === 'training' || view.phase === 'exchanging' || view.phase === 'waiting';
  return (
    <section
      class={`panel stage ${text.tone}${inRound ? ' inRound' : ''}`}
      aria-label="What this machine does"
    >
      <div class="stageHead">
        <div role="status" aria-live="polite">
          <h1>{text.title}</h1>
          <p class="lead">{pausing && inRound ? PAUSING_SENTENCE : view.sentence || text.sentence}</p>
        </div>
        <div class="actions">
          {actionsOf(view.phase, pausing).map((action) => (
            <button
              key={action.id}
              class={action.primary ? 'primary' : ''}
              onClick={() => onAction(action.id)}
            >
              {action.label}
            </button>
          ))}
        </div>
      </div>
      <p class="next">{text.next}</p>
      {inRound && (
        <ol class="steps" aria-label={`Steps of round ${view.round}`}>
          {roundSteps(view).map((step) => (
            <Step key={step.label} step={step} />
          ))}
        </ol>
      )}
      <RunProgress view={view} />
    </section>
  );
}
