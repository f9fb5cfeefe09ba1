import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledPage, findChromium, SOFTWARE_GPU } from '../../support/bundledPage.ts';
import { measuredOf } from './nodeStand.ts';
import type { Stand, StandBackend, Task } from './task.ts';

export interface ChromiumStands {
  readonly version: string;
  /** A worker of its own. */
  open(backend: StandBackend): Stand;
  /** Workers that do the same at once; resolves to the milliseconds until all were done. */
  openSeveral(backend: StandBackend, count: number): (task: Task, count: number) => Promise<number>;
  close(): Promise<void>;
}

/** A page in a headless Chromium whose workers measure; undefined, and said aloud, where there is no Chromium. */
export async function chromiumStands(
  log: (line: string) => void,
  { gpu = false }: { gpu?: boolean } = {},
): Promise<ChromiumStands | undefined> {
  const path = findChromium();
  if (path === undefined) {
    log('bench: no Chromium found; set CHROME_PATH to measure it');
    return undefined;
  }
  const root = dirname(fileURLToPath(import.meta.url));
  const { version, page, close } = await bundledPage(root, path, gpu ? SOFTWARE_GPU : []);
  let opened = 0;
  const together = (names: readonly string[], backend: StandBackend, task: Task, count: number) =>
    page.evaluate(([of, request]) => window.performTogether(of, request), [
      names,
      { backend, task, count },
    ] as const);
  return {
    version,
    close,
    open(backend) {
      const name = `worker ${opened++}`;
      return {
        async perform(task, count) {
          const { replies } = await together([name], backend, task, count);
          return measuredOf(replies[0] ?? { error: 'the page gave no reply' });
        },
        close: () => page.evaluate((which) => window.closeWorker(which), name),
      };
    },
    openSeveral(backend, several) {
      const names = Array.from({ length: several }, () => `worker ${opened++}`);
      return async (task, count) => {
        const { wallMs, replies } = await together(names, backend, task, count);
        replies.forEach(measuredOf);
        return wallMs;
      };
    },
  };
}
