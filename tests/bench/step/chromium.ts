import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledPage } from '../../support/bundledPage.ts';
import type { StepTimes } from './measureSteps.ts';
import type { MeterChoice } from './page.worker.ts';

export interface ChromiumMeter {
  readonly version: string;
  measure(choice: MeterChoice, steps: number): Promise<StepTimes>;
  close(): Promise<void>;
}

/** The page of this folder in a headless Chromium; the steps run in its workers. */
export async function chromiumMeter(executablePath: string): Promise<ChromiumMeter> {
  const { version, page, close } = await bundledPage(dirname(fileURLToPath(import.meta.url)), executablePath);
  return {
    version,
    measure: (choice, steps) =>
      page.evaluate(([which, count]) => window.measureSteps(which, count), [choice, steps] as const),
    close,
  };
}
