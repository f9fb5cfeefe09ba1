/** What the encoders of a sweep are asked about. */
import { glyph, glyphChannels, glyphSeed, glyphSide } from '@murmur/core/data/glyphs';
import type { EvaluationSet } from '../ingest/evaluationSet.ts';

type Labelled = EvaluationSet & { readonly labels: Uint16Array };

interface Wanted {
  /** As the sweep names its data. */
  readonly data: string;
  readonly evalSamples: number;
}

/** Glyphs that nobody resizes are drawn, as many as anybody asks for. */
const isEndless = (side: number, { data }: Wanted): boolean => data === 'glyphs' && side === glyphSide;

/** How many pictures there are to score with. */
export const evaluationCount = (stored: number, side: number, wanted: Wanted): number =>
  isEndless(side, wanted) ? wanted.evalSamples : Math.min(stored, wanted.evalSamples);

/**
 * The evaluation set, with what the sample set lacks drawn where it is glyphs, so that configurations which lie close
 * together can be told apart.
 */
export function withEnough(set: Labelled, wanted: Wanted): Labelled {
  const count = Math.max(set.count, evaluationCount(set.count, set.side, wanted));
  if (count === set.count) return set;
  const each = glyphSide * glyphSide * glyphChannels;
  const pictures = new Uint8Array(count * each);
  const labels = new Uint16Array(count);
  pictures.set(set.pictures);
  labels.set(set.labels);
  for (let i = set.count; i < count; i++) {
    const { pixels, label } = glyph(glyphSeed, 'evaluation', i);
    pictures.set(pixels, i * each);
    labels[i] = label;
  }
  return { ...set, pictures, labels, count };
}
