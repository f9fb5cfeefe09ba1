import { backendTitle, startBackend, type BackendChoice } from '@murmur/core/tensor/backend';
import { checkFiles, type FixtureOutcome, type FixtureTexts } from '../checkFiles.ts';

export interface PageOutcome {
  readonly title: string;
  readonly outcomes: readonly FixtureOutcome[];
}

declare global {
  interface Window {
    /** Checks golden files on a backend. */
    checkOn(choice: BackendChoice, texts: FixtureTexts, toleranceFactor: number): Promise<PageOutcome>;
  }
}

window.checkOn = async (choice, texts, toleranceFactor) => {
  await startBackend(choice);
  return { title: backendTitle(), outcomes: await checkFiles(texts, toleranceFactor) };
};
