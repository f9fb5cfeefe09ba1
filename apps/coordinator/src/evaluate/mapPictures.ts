import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { MAP_POINTS, type MapIndex } from '@murmur/core/protocol/map';
import type { EvaluationSet } from '../ingest/evaluationSet.ts';
import type { LabelledPictures } from './learningMessages.ts';

/** The pictures of the map as the operator's page gets them: small, and without what they show. */
export interface MapPictures {
  readonly facts: MapIndex['pictures'];
  /** uint8 [count, side, side, channels]. */
  readonly bytes: Uint8Array;
}

/** The pictures that are points of the map: the first of the test, whose order is a seeded one. */
export function mapRows({
  pictures,
  labels,
  testCount,
}: Pick<LabelledPictures, 'pictures' | 'labels' | 'testCount'>): { pictures: Uint8Array; count: number } {
  const count = Math.min(testCount, MAP_POINTS);
  return { pictures: pictures.subarray(0, (pictures.length / labels.length) * count), count };
}

/** Larger pictures are averaged over squares to 32 pixels a side at most: as points they are smaller still. */
export function mapPictures(
  labelled: LabelledPictures,
  shape: Pick<EvaluationSet, 'side' | 'channels'>,
): MapPictures {
  const { pictures, count } = mapRows(labelled);
  const { channels } = shape;
  const { values, width } = pixelFeatures(pictures, shape);
  const bytes = Uint8Array.from(values, (value) => Math.round(value * 255));
  return { facts: { hash: sha256Hex(bytes), count, side: Math.sqrt(width / channels), channels }, bytes };
}
