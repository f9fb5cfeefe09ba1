/** Composition of the operator page: address, storage, socket and clock meet the views here and only here. */
import type { OperatorCommand } from '@murmur/core/protocol/operator';
import { render } from 'preact';
import { copyText } from '../views/copyText.ts';
import '../views/theme.css';
import { newConsole, reduceConsole, type ConsoleEvent, type ConsoleState } from './console.ts';
import { fetchJoinCode } from './joinCode.ts';
import { connectFeed, type OperatorFeed } from './feed.ts';
import './operator.css';
import { mapViewOf } from './map/mapFrames.ts';
import { createMapLoader, type MapLoader } from './map/mapLoader.ts';
import { OperatorPage } from './OperatorPage.tsx';
import { operatorToken } from './operatorToken.ts';
import { operatorTitle } from './outlook.ts';

const TOKEN_KEY = 'murmur.operatorToken';
const TICK_MS = 1000;

/** The token of the address moves to the session, so that a projected screen does not show it. */
function takeToken(): string | undefined {
  const token = operatorToken(location.hash);
  if (token === undefined) return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

function start(root: HTMLElement): void {
  let state: ConsoleState | undefined;
  let feed: OperatorFeed | undefined;
  let joinCode: string | undefined;
  let maps: MapLoader | undefined;

  const draw = (): void => {
    document.title = operatorTitle(state?.snapshot);
    const map = mapViewOf(state?.snapshot?.map ?? null, maps?.loading());
    const told = { state, nowMs: Date.now(), joinCode, map };
    render(<OperatorPage {...{ ...told, onToken: open, onCommand, onCopy: copyText }} />, root);
  };

  const hear = (event: ConsoleEvent): void => {
    if (event.type === 'refused') sessionStorage.removeItem(TOKEN_KEY);
    state = reduceConsole(state ?? newConsole, event, Date.now());
    draw();
    if (event.type === 'connected') void showCode();
    if (event.type === 'snapshot') void maps?.sync(event.snapshot.map);
  };

  const showCode = async (): Promise<void> => {
    const fetched = await fetchJoinCode(fetch.bind(window), sessionStorage.getItem(TOKEN_KEY) ?? '');
    if (joinCode !== undefined) URL.revokeObjectURL(joinCode);
    joinCode = fetched === undefined ? undefined : URL.createObjectURL(fetched);
    draw();
  };

  const onCommand = (asked: OperatorCommand): void => {
    if (feed === undefined) return;
    const command = asked.type;
    hear({ type: 'asked', command });
    void feed.command(asked).then((answer) => hear({ type: 'answered', command, answer }));
  };

  const open = (token: string): void => {
    feed?.close();
    sessionStorage.setItem(TOKEN_KEY, token);
    state = newConsole;
    maps = createMapLoader({
      fetchPath: fetch.bind(window),
      token,
      now: () => performance.now(),
      onChange: draw,
    });
    feed = connectFeed(location.origin, token, hear);
    draw();
  };

  const token = takeToken();
  if (token === undefined) draw();
  else open(token);
  setInterval(draw, TICK_MS);
}

const root = document.getElementById('app');
if (root === null) throw new Error('main.tsx: operator.html has no element with the id "app".');
start(root);
