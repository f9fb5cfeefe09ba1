import type { CoordinatorPort } from '../run/ports.ts';

/** A coordinator that does nothing, for tests of the edges. */
export function fakeCoordinator(over: Partial<CoordinatorPort> = {}): CoordinatorPort {
  return {
    volunteer: () => ({ receive: () => undefined, closed: () => undefined }),
    operator: () => ({ command: async () => ({ ok: true }), closed: () => undefined }),
    status: () => ({
      run: {
        run: 'run1',
        name: 'glyphs',
        objective: 'mae',
        preset: 'nano',
        parameters: 300_000,
        schemaHash: 'a'.repeat(64),
        model: { some: 'model' },
        dataset: { some: 'manifest' },
        target: { kind: 'rounds', amount: 10 },
      },
      status: { phase: 'running', round: 3, version: 'b'.repeat(64), progress: 0.3 },
      volunteers: 0,
    }),
    rounds: () => [],
    ...over,
  };
}
