import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import { Mark } from '../views/Birds.tsx';
import { formatCompact } from '../views/format.ts';
import { RUN_PHASE_WORDS, targetWords } from '../views/words.ts';
import type { ConsoleState } from './console.ts';
import { shownPhase } from './outlook.ts';
import { runControls, type RunCommand, type RunControl } from './runControls.ts';

function Control({ control, onCommand }: { control: RunControl; onCommand: (command: RunCommand) => void }) {
  const { command, label, primary, blocked } = control;
  return (
    <button
      class={primary ? 'primary' : ''}
      aria-disabled={blocked !== undefined}
      title={blocked}
      onClick={() => blocked === undefined && onCommand(command)}
    >
      {label}
    </button>
  );
}

interface RunHeaderProps {
  readonly state: ConsoleState;
  readonly snapshot: OperatorSnapshot;
  readonly onCommand: (command: RunCommand) => void;
}

/** The run, its phase, and what can be done to it. */
export function RunHeader({ state, snapshot, onCommand }: RunHeaderProps) {
  const { run } = snapshot;
  const phase = shownPhase(snapshot);
  const controls = runControls(state);
  const reasons = [...new Set(controls.flatMap((c) => c.blocked ?? []))];
  return (
    <header class="pageHeader operatorHeader">
      <Mark />
      <div class="runTitle">
        <h1>
          {run.name} <span class={`chip ${phase}`}>{RUN_PHASE_WORDS[phase]}</span>
        </h1>
        <p class="note">
          {run.objective} · {run.preset} · {formatCompact(run.parameters)} parameters · target{' '}
          {targetWords(run.target)}
        </p>
      </div>
      <div class="actions">
        {controls.map((control) => (
          <Control key={control.command} control={control} onCommand={onCommand} />
        ))}
      </div>
      {reasons.length > 0 && (
        <p class="note blocked" role="status">
          {reasons.join(' ')}
        </p>
      )}
    </header>
  );
}
