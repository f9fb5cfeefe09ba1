import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { formatDuration } from '../views/format.ts';
import type { ConsoleState } from './console.ts';

const SHOWN = 5;

function Alert({ alert, nowMs }: { alert: OperatorSnapshot['alerts'][number]; nowMs: number }) {
  return (
    <li class={`banner ${alert.level}`}>
      <span>{alert.sentence}</span>
      <span class="note">{formatDuration(nowMs - alert.atMs)} ago</span>
    </li>
  );
}

interface NoticesProps {
  readonly state: ConsoleState;
  /** This page's clock, and the coordinator's. */
  readonly nowMs: number;
  readonly coordinatorMs: number;
}

/** What a person should know now: a lost connection, a refused command, alerts of the run. */
export function Notices({ state, nowMs, coordinatorMs }: NoticesProps) {
  const alerts = state.snapshot?.alerts ?? [];
  const age = nowMs - (state.receivedAtMs ?? nowMs);
  return (
    <div class="notices">
      <div role="alert">
        {state.link === 'lost' && (
          <p class="banner error">
            The connection to the coordinator is lost; this page tries again by itself. Last data{' '}
            {formatDuration(age)} ago.
          </p>
        )}
        {state.problem !== undefined && <p class="banner error">{state.problem}</p>}
      </div>
      {alerts.length > 0 && (
        <ul aria-label="Alerts" aria-live="polite">
          {alerts.slice(0, SHOWN).map((alert) => (
            <Alert key={`${alert.atMs} ${alert.sentence}`} alert={alert} nowMs={coordinatorMs} />
          ))}
        </ul>
      )}
    </div>
  );
}
