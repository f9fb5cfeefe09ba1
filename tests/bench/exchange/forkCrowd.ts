/** A crowd in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Crowd, CrowdPlan, Sent } from './crowd.ts';

const entry = fileURLToPath(new URL('./crowd.process.mjs', import.meta.url));

/** It ends with whoever forked it; `leave` throws where it ended before. */
export function forkCrowd(plan: CrowdPlan): Crowd {
  const child = fork(entry, { execArgv: [] });
  const ended = new Promise<never>((_, reject) => {
    const where = `the process of volunteers ${plan.from + 1} to ${plan.from + plan.count}`;
    child.once('exit', (code) => reject(new Error(`exchange: ${where} ended with code ${code}`)));
  });
  ended.catch(() => undefined);
  child.send(plan);
  return {
    async leave() {
      const said = once(child, 'message') as Promise<[Sent]>;
      child.send('leave');
      const [sent] = await Promise.race([said, ended]);
      child.disconnect();
      return sent;
    },
  };
}
