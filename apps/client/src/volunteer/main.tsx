/** Composition of the volunteer page: address, storage, network and clock meet the views here and only here. */
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { render } from 'preact';
import '../views/theme.css';
import { latest } from '../views/latest.ts';
import './volunteer.css';
import { connectTo } from './connect.ts';
import { friendlyName } from './friendlyName.ts';
import { joinToken } from './joinAddress.ts';
import { isTakingPart, pageTitle, type ActionId } from './phases.ts';
import { fetchRunSummary, type SummaryState } from './runSummary.ts';
import { createSession, idleView } from './session.ts';
import { VolunteerPage } from './VolunteerPage.tsx';

const NAME_KEY = 'murmur.name';
const REDRAW_MS = 100;
const ASK_AGAIN_MS = 5000;

/** Storage may be forbidden (private windows, embedded pages); a name is not worth failing for. */
function storedName(): string | null {
  try {
    return localStorage.getItem(NAME_KEY);
  } catch (problem) {
    console.info('This browser keeps no name between visits.', problem);
    return null;
  }
}

function keepName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch (problem) {
    console.info('This browser keeps no name between visits.', problem);
  }
}

function randomName(): string {
  const [manner = 0, bird = 0] = crypto.getRandomValues(new Uint32Array(2));
  return friendlyName(manner / 2 ** 32, bird / 2 ** 32);
}

function start(root: HTMLElement): void {
  const name = storedName() ?? randomName();
  const token = joinToken(location);
  let view: VolunteerView = idleView(name);
  let pausing = false;
  let summary: SummaryState = { kind: 'loading' };

  const draw = latest<undefined>(
    REDRAW_MS,
    (ms, call) => setTimeout(call, ms),
    () => {
      document.title = pageTitle(view);
      render(
        <VolunteerPage {...{ view, pausing, summary, onJoin, onAction, onRetry: () => void ask() }} />,
        root,
      );
    },
  );

  const session = createSession(connectTo(location.origin, token), name, (next, wantsPause) => {
    view = next;
    pausing = wantsPause;
    draw(undefined);
  });

  const onJoin = (joining: string): void => {
    keepName(joining);
    session.join(joining);
  };
  const onAction = (action: ActionId): void =>
    action === 'join' ? session.join(view.name) : session[action]();

  const ask = async (): Promise<void> => {
    summary = await fetchRunSummary((path) =>
      fetch(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    );
    if (view.phase === 'idle' && summary.kind === 'known') {
      view = { ...view, run: summary.summary.run };
      setTimeout(() => view.phase === 'idle' && void ask(), ASK_AGAIN_MS);
    }
    draw(undefined);
  };

  for (const event of ['beforeunload', 'pagehide'])
    addEventListener(event, () => {
      if (isTakingPart(view.phase)) session.leave();
    });
  draw(undefined);
  void ask();
}

const root = document.getElementById('app');
if (root === null) throw new Error('main.tsx: index.html has no element with the id "app".');
start(root);
