import type { VolunteerView } from '@murmur/core/volunteer/view';
import { Mark } from '../views/Birds.tsx';
import { ComputePanel } from './ComputePanel.tsx';
import { ContributionPanel } from './ContributionPanel.tsx';
import type { GrantHandlers } from './GrantControls.tsx';
import { JoinPanel } from './JoinPanel.tsx';
import { LossPanel } from './LossPanel.tsx';
import { PeerPanel } from './PeerPanel.tsx';
import { NoticeBanner } from './NoticeBanner.tsx';
import type { ActionId } from './phases.ts';
import { PicturePanel } from './PicturePanel.tsx';
import type { SummaryState } from './runSummary.ts';
import { StagePanel } from './StagePanel.tsx';

export interface VolunteerPageProps extends GrantHandlers {
  readonly view: VolunteerView;
  readonly pausing: boolean;
  readonly summary: SummaryState;
  readonly onJoin: (name: string) => void;
  readonly onAction: (action: ActionId) => void;
  readonly onRetry: () => void;
}

/** Even a machine that could not take part may have a reason worth reading. */
const hasAccount = ({ compute }: VolunteerView): boolean =>
  compute.trials.length > 0 || compute.notices.length > 0;

/** A volunteer that never got anywhere has nothing to show but what happened. */
const hasStory = (view: VolunteerView): boolean =>
  view.records.length > 0 || (view.phase !== 'connecting' && view.phase !== 'failed');

function Header({ name }: { name: string | undefined }) {
  return (
    <header class="pageHeader">
      <Mark />
      <span class="brand">Murmur</span>
      {name !== undefined && <span class="runName">{name}</span>}
    </header>
  );
}

function Story({ view }: { view: VolunteerView }) {
  const here = view.phase !== 'left';
  return (
    <>
      <PicturePanel
        preview={view.preview}
        objective={view.run?.objective}
        finished={view.phase === 'finished'}
      />
      <ContributionPanel view={view} />
      <LossPanel records={view.records} wide={!here} />
      {here && <PeerPanel peers={view.peers} others={view.others} />}
    </>
  );
}

/** The volunteer page: a view of plain data, every wish handed upwards. */
export function VolunteerPage(props: VolunteerPageProps) {
  const { view, pausing, summary, onJoin, onAction, onRetry, onThrottle, onWorkers } = props;
  const grant = { onThrottle, onWorkers };
  if (view.phase === 'idle')
    return (
      <div class="page narrow">
        <Header name={undefined} />
        <main>
          <JoinPanel
            state={summary}
            name={view.name}
            compute={view.compute}
            {...{ onJoin, onRetry, ...grant }}
          />
        </main>
      </div>
    );
  const story = hasStory(view);
  return (
    <div class="page" data-phase={view.phase} data-version={view.version}>
      <Header name={view.run?.name} />
      <main>
        <div>
          <StagePanel view={view} pausing={pausing} onAction={onAction} />
          <NoticeBanner view={view} />
        </div>
        <div class="columns">
          {(story || hasAccount(view)) && <ComputePanel view={view} {...grant} />}
          {story && <Story view={view} />}
        </div>
      </main>
    </div>
  );
}
