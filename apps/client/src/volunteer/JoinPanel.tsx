import type { ComputeView } from '@murmur/core/volunteer/view';
import { useState } from 'preact/hooks';
import { Flock } from '../views/Birds.tsx';
import { formatCount, formatPlural, formatProgress } from '../views/format.ts';
import { targetWords } from '../views/words.ts';
import { cleanName, NAME_LIMIT } from './friendlyName.ts';
import { coresShare, GrantControls, throttleShare, type GrantHandlers } from './GrantControls.tsx';
import { pictureCount, type RunSummary, type SummaryState } from './runSummary.ts';

function Facts({ summary }: { summary: RunSummary }) {
  const { run, status, volunteers } = summary;
  const pictures = pictureCount(run);
  return (
    <dl class="facts">
      <div>
        <dt>Run</dt>
        <dd>{run.name}</dd>
      </div>
      {pictures !== undefined && (
        <div>
          <dt>Pictures</dt>
          <dd>{formatCount(pictures)}</dd>
        </div>
      )}
      {volunteers !== undefined && (
        <div>
          <dt>Here now</dt>
          <dd>{volunteers === 0 ? 'nobody yet' : formatPlural(volunteers, 'machine')}</dd>
        </div>
      )}
      <div>
        <dt>Progress</dt>
        <dd>
          {status.phase === 'finished'
            ? 'finished'
            : `${formatProgress(status.progress)} of ${targetWords(run.target)}`}
        </dd>
      </div>
    </dl>
  );
}

interface JoinFormProps extends GrantHandlers {
  readonly name: string;
  readonly compute: ComputeView;
  readonly onJoin: (name: string) => void;
}

interface JoinPanelProps extends JoinFormProps {
  readonly state: SummaryState;
  readonly onRetry: () => void;
}

const JOIN_LEAD =
  'Press Join and this browser learns from a share of the pictures, trading small updates with the other machines. ' +
  'It works while this page is open, and you can stop at any time.';
const FINISHED_LEAD =
  'This run has reached its target, so there is nothing left to train. You can still see how it went.';

/** What will be given, in the line that unfolds the controls. */
function Settings({ compute, ...handlers }: GrantHandlers & { readonly compute: ComputeView }) {
  const cores = compute.cores === 1 ? '1 core' : `${coresShare(compute)} cores`;
  return (
    <details class="settings">
      <summary>
        Settings{' '}
        <span class="note">
          {cores} at {throttleShare(compute.throttle)}
        </span>
      </summary>
      <GrantControls compute={compute} {...handlers} />
      <p class="note">You can change both at any time.</p>
    </details>
  );
}

function JoinForm({ name, label, onJoin, ...settings }: JoinFormProps & { readonly label: string }) {
  const [typed, setTyped] = useState(name);
  const submit = (event: Event) => {
    event.preventDefault();
    onJoin(cleanName(typed, name));
  };
  return (
    <form class="joinForm" onSubmit={submit}>
      <label for="name">Name of this machine</label>
      <input
        id="name"
        value={typed}
        maxLength={NAME_LIMIT}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <p class="note">The others see this name. Any name will do.</p>
      <Settings {...settings} />
      <button class="primary big" type="submit">
        {label}
      </button>
    </form>
  );
}

/** The page before joining: what this is, what it is for, one button. */
export function JoinPanel({ state, onRetry, ...form }: JoinPanelProps) {
  const finished = state.kind === 'known' && state.summary.status.phase === 'finished';
  return (
    <section class="join">
      <Flock count={130} />
      <h1>Train one model, together</h1>
      <p class="lead">{finished ? FINISHED_LEAD : JOIN_LEAD}</p>
      <div role="status" aria-live="polite">
        {state.kind === 'loading' && <p class="note">Asking the coordinator what it trains …</p>}
        {state.kind === 'known' && <Facts summary={state.summary} />}
        {state.kind === 'unreachable' && <p class="banner error">{state.sentence}</p>}
      </div>
      {state.kind === 'unreachable' ? (
        <button class="primary big" onClick={onRetry}>
          Try again
        </button>
      ) : (
        <JoinForm label={finished ? 'Join and look' : 'Join'} {...form} />
      )}
    </section>
  );
}
