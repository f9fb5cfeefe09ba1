import type { CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time of the thread, microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const threadOf = (event: TraceEvent): string => `${event.pid}:${event.tid}`;

/** CPU milliseconds of each complete task of the renderer's main threads. */
function mainThreadTasks(events: readonly TraceEvent[]): number[] {
  const mains = new Set(
    events.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain').map(threadOf),
  );
  return events
    .filter((e) => e.ph === 'X' && e.tdur !== undefined && mains.has(threadOf(e)))
    .map((e) => e.tdur! / 1000);
}

async function endTrace(session: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
}

/**
 * Watches the main threads of a browser's pages from now on, and gives the CPU milliseconds of every task.
 * CPU time, since by the clock a task also waits while workers train on all cores: that would time the machine.
 */
export async function watchMainThread(page: Page): Promise<() => Promise<number[]>> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { recordMode: 'recordUntilFull', includedCategories: ['toplevel', '__metadata'] },
  });
  return async () => {
    await endTrace(session);
    return mainThreadTasks(events);
  };
}
