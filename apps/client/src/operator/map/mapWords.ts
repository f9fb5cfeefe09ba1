import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { formatCount, formatShare } from '../../views/format.ts';
import type { LoadedMap, MapFrame, MapMethod } from './mapFrames.ts';

export const METHOD_NAMES: Readonly<Record<MapMethod, string>> = { umap: 'UMAP', pca: 'PCA' };

export const METHOD_MEANING: Readonly<Record<MapMethod, string>> = {
  umap: 'UMAP keeps neighbours together: pictures side by side look alike to the encoder. How far apart two groups are says little.',
  pca: 'PCA shows the two directions in which the pictures differ most to the encoder. What lies far apart differs; what lies together may still differ in other directions.',
};

/** `untrained`, `round 40` */
export const versionWords = ({ round }: MapFrame): string => (round === 0 ? 'untrained' : `round ${round}`);

/** What is known of a version: its place among the maps, and its score. */
export function versionMeaning({ frames }: LoadedMap, index: number, scores: readonly ScoreRecord[]): string {
  const place = `Version ${index + 1} of ${frames.length}`;
  const score = scores.find(({ version }) => version === frames[index]?.version);
  const untrained = frames[index]?.round === 0 ? scores[0]?.baselines.untrained : undefined;
  const probe = (score ?? untrained)?.probe;
  return probe === undefined ? place : `${place} · linear probe ${formatShare(probe)}`;
}

export const mapDescription = ({ sprites }: LoadedMap, frame: MapFrame, method: MapMethod): string =>
  `Map by ${METHOD_NAMES[method]} of ${formatCount(sprites.count)} pictures as the encoder sees them, ${versionWords(frame)}.`;
