import type { EvaluationSplit } from '@murmur/core/evaluate/score';
import type { EvaluationSet } from '../ingest/evaluationSet.ts';
import type { LabelledPictures } from '../ingest/labelledPictures.ts';

/** The pictures of a split with their labels, those of the test first. */
export function rowsOfSet(
  set: EvaluationSet & { readonly labels: Uint16Array },
  { test, train }: EvaluationSplit,
): LabelledPictures {
  const rows = Uint32Array.from([...test, ...train]);
  const size = set.side * set.side * set.channels;
  const pictures = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => pictures.set(set.pictures.subarray(row * size, (row + 1) * size), i * size));
  return {
    pictures,
    labels: Uint16Array.from(rows, (row) => set.labels[row] ?? 0),
    testCount: test.length,
    classes: set.classes.length,
  };
}
