/** A crowd in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Crowd, CrowdPlan, Sent } from './crowd.ts';

const entry = fileURLToPath(new URL('./crowd.process.mjs', import.meta.url));

/** It ends with whoever forked it. */
export function forkCrowd(plan: CrowdPlan): Crowd {
  const child = fork(entry, { execArgv: [] });
  const ended = new Promise<never>((_, reject) => {
    const where = `the process of volunteers ${plan.from + 1} to ${plan.from + plan.count}`;
    child.once('exit', (code) => reject(new Error(`exchange: ${where} ended with code ${code}`)));
  });
  ended.catch(() => undefined);
  child.send(plan);
  async function leave(): Promise<Sent> {
    if (!child.connected) return ended;
    const said = once(child, 'message') as Promise<[Sent]>;
    child.send('leave');
    try {
      return (await Promise.race([said, ended]))[0];
    } finally {
      if (child.connected) child.disconnect();
    }
  }
  let left: Promise<Sent> | undefined;
  return { ended, leave: () => (left ??= leave()) };
}
