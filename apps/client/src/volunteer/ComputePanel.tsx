import type { VolunteerView } from '@murmur/core/volunteer/view';
import { formatRate } from '../views/format.ts';
import { Tile } from '../views/Tile.tsx';
import { backendWords, noticeWords } from './computeWords.ts';
import { GrantControls, throttleShare, type GrantHandlers } from './GrantControls.tsx';
import { TrialList } from './TrialList.tsx';

function speedNote({ phase, compute }: VolunteerView): string {
  if (phase === 'paused' || phase === 'finished' || phase === 'left') return 'nothing runs now';
  if (phase === 'preparing') return 'not training yet';
  return compute.throttle < 1 ? `at ${throttleShare(compute.throttle)}` : 'at full speed';
}

function Figures({ view }: { view: VolunteerView }) {
  const { device, technique } = backendWords(view.compute);
  return (
    <dl class="tiles computeFigures">
      <Tile label="Computes with" value={device} note={technique} />
      <Tile label="Pictures per second" value={formatRate(view.samplesPerSecond)} note={speedNote(view)} />
    </dl>
  );
}

/** How this machine computes, how fast, and the controls for how much of it is given. */
export function ComputePanel({ view, ...handlers }: GrantHandlers & { readonly view: VolunteerView }) {
  const { trials, notices } = view.compute;
  return (
    <section class="panel compute">
      <h2>This computer</h2>
      {view.phase !== 'failed' && <Figures view={view} />}
      <GrantControls compute={view.compute} {...handlers} />
      {trials.length > 0 && (
        <details open={view.phase === 'failed'}>
          <summary>What was tried</summary>
          <TrialList trials={trials} />
        </details>
      )}
      {notices.length > 0 && (
        <details>
          <summary>
            What went wrong <span class="count">{notices.length}</span>
          </summary>
          <ul class="troubles">
            {notices.map((notice, i) => <li key={i}>{noticeWords(notice)}</li>).reverse()}
          </ul>
        </details>
      )}
      <p class="caption">
        {view.name}
        {view.device !== '' && ` · ${view.device}`}
      </p>
    </section>
  );
}
