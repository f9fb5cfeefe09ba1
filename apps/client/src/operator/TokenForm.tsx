import { useState } from 'preact/hooks';
import { Mark } from '../views/Birds.tsx';

interface TokenFormProps {
  /** Why the token tried last was refused. */
  readonly refusal: string | undefined;
  readonly onToken: (token: string) => void;
}

/** Asks for the operator token. */
export function TokenForm({ refusal, onToken }: TokenFormProps) {
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
          {refusal !== undefined && (
            <p class="banner error" role="alert">
              {refusal}
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
