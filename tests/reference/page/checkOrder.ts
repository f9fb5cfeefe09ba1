import {
  backendTitle,
  startBackend,
  type BackendChoice,
  type BackendName,
} from '@murmur/core/tensor/backend';
import { checkFiles, type FixtureOutcome, type FixtureTexts } from '../checkFiles.ts';
import { sentenceOf } from '../sentenceOf.ts';
import { toleranceFactors } from '../toleranceFactors.ts';

export interface CheckOrder {
  readonly choice: BackendChoice & { readonly backend: BackendName };
  readonly texts: FixtureTexts;
}

export type CheckedFiles =
  { readonly title: string; readonly outcomes: readonly FixtureOutcome[] } | { readonly notStarted: string };

/** Checks golden files on a backend of this thread. */
export async function checkOrder({ choice, texts }: CheckOrder): Promise<CheckedFiles> {
  try {
    await startBackend(choice);
  } catch (error) {
    return { notStarted: sentenceOf(error) };
  }
  return { title: backendTitle(), outcomes: await checkFiles(texts, toleranceFactors[choice.backend]) };
}
