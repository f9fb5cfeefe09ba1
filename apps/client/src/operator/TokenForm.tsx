import { useState } from 'preact/hooks';
import { Mark } from '../views/Birds.tsx';

interface TokenFormProps {
  /** Whether the token tried last was refused. */
  readonly refused: boolean;
  readonly onToken: (token: string) => void;
}

/** Asks for the operator token. */
export function TokenForm({ refused, onToken }: TokenFormProps) {
  const [typed, setTyped] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.trim() !== '') onToken(typed.trim());
  };
  return (
    <div class="page narrow">
      <header class="pageHeader">
        <Mark />
        <span class="brand">Murmur</span>
        <span class="runName">operator</span>
      </header>
      <main>
        <form class="panel tokenForm" onSubmit={submit}>
          <h1>Operator token</h1>
          <p class="lead">This page starts, pauses and exports the run, so it asks who you are.</p>
          {refused && (
            <p class="banner error" role="alert">
              The coordinator refused this token. Copy the operator address that it printed when it started, or the
              token in it.
            </p>
          )}
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            value={typed}
            autocomplete="off"
            required
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <p class="note">The coordinator prints it in the terminal, at the end of the operator address.</p>
          <button class="primary" type="submit">
            Open
          </button>
        </form>
      </main>
    </div>
  );
}
