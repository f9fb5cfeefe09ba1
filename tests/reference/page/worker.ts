/** Checks golden files in a worker, where volunteers train. */
import { backendTitle, startBackend, type BackendChoice } from '@murmur/core/tensor/backend';
import { checkFiles, type FixtureOutcome, type FixtureTexts } from '../checkFiles.ts';
import { sentenceOf } from '../sentenceOf.ts';
import { toleranceFactors } from '../toleranceFactors.ts';

export interface CheckOrder {
  readonly choice: BackendChoice & { readonly backend: keyof typeof toleranceFactors };
  readonly texts: FixtureTexts;
}

export type CheckedFiles =
  { readonly title: string; readonly outcomes: readonly FixtureOutcome[] } | { readonly notStarted: string };

async function checked({ choice, texts }: CheckOrder): Promise<CheckedFiles> {
  try {
    await startBackend(choice);
  } catch (error) {
    return { notStarted: sentenceOf(error) };
  }
  return { title: backendTitle(), outcomes: await checkFiles(texts, toleranceFactors[choice.backend]) };
}

addEventListener('message', ({ data }: MessageEvent<CheckOrder>) => void checked(data).then(postMessage));
