/** Storage, clock and this machine's cores meet the views of the volunteer page; who trains is handed in. */
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { render } from 'preact';
import '../views/theme.css';
import { latest } from '../views/latest.ts';
import './volunteer.css';
import { friendlyName } from './friendlyName.ts';
import { grantFrom, idleCompute } from './grant.ts';
import { keepsake } from './keepsake.ts';
import { isTakingPart, pageTitle, type ActionId } from './phases.ts';
import { fetchRunSummary, type SummaryState } from './runSummary.ts';
import { createSession, idleView, type Connect } from './session.ts';
import { VolunteerPage } from './VolunteerPage.tsx';

const REDRAW_MS = 100;
const ASK_AGAIN_MS = 5000;

export interface PageHost {
  readonly connect: Connect;
  /** Asks the coordinator for a path, as `fetch` does. */
  readonly ask: (path: string) => Promise<Response>;
}

function randomName(): string {
  const [manner = 0, bird = 0] = crypto.getRandomValues(new Uint32Array(2));
  return friendlyName(manner / 2 ** 32, bird / 2 ** 32);
}

export function mountPage(root: HTMLElement, { connect, ask }: PageHost): void {
  const keptName = keepsake('murmur.name', () => localStorage);
  const keptGrant = keepsake('murmur.grant', () => localStorage);
  const cores = Math.max(1, navigator.hardwareConcurrency || 1);
  const grant = grantFrom(keptGrant.read(), cores);
  const name = keptName.read() ?? randomName();
  let view: VolunteerView = idleView(name, idleCompute(grant, cores));
  let pausing = false;
  let summary: SummaryState = { kind: 'loading' };

  const draw = latest<undefined>(
    REDRAW_MS,
    (ms, call) => setTimeout(call, ms),
    () => {
      const run = view.run ?? (summary.kind === 'known' ? summary.summary.run : undefined);
      document.title = pageTitle({ ...view, run });
      render(
        <VolunteerPage
          {...{ view, pausing, summary, onJoin, onAction, onThrottle, onWorkers }}
          onRetry={() => void refresh()}
        />,
        root,
      );
    },
  );

  const session = createSession({ connect, name, grant, cores }, (next, wantsPause) => {
    view = next;
    pausing = wantsPause;
    draw(undefined);
  });

  const onJoin = (joining: string): void => {
    keptName.keep(joining);
    session.join(joining);
  };
  const onAction = (action: ActionId): void =>
    action === 'join' ? session.join(view.name) : session[action]();

  const keepGrant = (): void => {
    const { throttle, wantedWorkers } = view.compute;
    keptGrant.keep(JSON.stringify({ throttle, workers: wantedWorkers }));
  };
  const onThrottle = (share: number): void => {
    session.setThrottle(share);
    keepGrant();
  };
  const onWorkers = (count: number): void => {
    session.setWorkers(count);
    keepGrant();
  };

  const refresh = async (): Promise<void> => {
    summary = await fetchRunSummary(ask);
    if (view.phase === 'idle' && summary.kind === 'known')
      setTimeout(() => view.phase === 'idle' && void refresh(), ASK_AGAIN_MS);
    draw(undefined);
  };

  for (const event of ['beforeunload', 'pagehide'])
    addEventListener(event, () => {
      if (isTakingPart(view.phase)) session.leave();
    });
  draw(undefined);
  void refresh();
}
