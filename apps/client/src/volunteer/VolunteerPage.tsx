import type { VolunteerView } from '@murmur/core/volunteer/view';
import { Mark } from '../views/Birds.tsx';
import { ContributionPanel } from './ContributionPanel.tsx';
import { JoinPanel } from './JoinPanel.tsx';
import { LossPanel } from './LossPanel.tsx';
import { PeerPanel } from './PeerPanel.tsx';
import type { ActionId } from './phases.ts';
import { PicturePanel } from './PicturePanel.tsx';
import type { SummaryState } from './runSummary.ts';
import { StagePanel } from './StagePanel.tsx';

export interface VolunteerPageProps {
  readonly view: VolunteerView;
  readonly pausing: boolean;
  readonly summary: SummaryState;
  readonly onJoin: (name: string) => void;
  readonly onAction: (action: ActionId) => void;
  readonly onRetry: () => void;
}

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

/** The volunteer page: a view of plain data, every wish handed upwards. */
export function VolunteerPage({ view, pausing, summary, onJoin, onAction, onRetry }: VolunteerPageProps) {
  if (view.phase === 'idle')
    return (
      <div class="page narrow">
        <Header name={undefined} />
        <main>
          <JoinPanel state={summary} name={view.name} onJoin={onJoin} onRetry={onRetry} />
        </main>
      </div>
    );
  return (
    <div class="page" data-phase={view.phase} data-version={view.version}>
      <Header name={view.run?.name} />
      <main>
        <StagePanel view={view} pausing={pausing} onAction={onAction} />
        {hasStory(view) && (
          <div class="columns">
            <PicturePanel preview={view.preview} finished={view.phase === 'finished'} />
            <LossPanel records={view.records} />
            <ContributionPanel view={view} />
            {view.phase !== 'left' && <PeerPanel peers={view.peers} />}
          </div>
        )}
      </main>
    </div>
  );
}
