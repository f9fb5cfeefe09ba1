import { decodeMap, encodeMap, type MapIndex, type MapLayouts } from '@murmur/core/protocol/map';
import type { BlobStore } from '../store/blobStore.ts';
import type { Noticeboard } from './noticeboard.ts';
import type { MapDrawing } from './options.ts';
import { sentenceOf } from './scores.ts';
import { mostCrowded } from './thinRounds.ts';

/** Maps on disk; of more, those are dropped that are missed least. */
const KEPT_MAPS = 200;

const MAP_BLOB = /^([0-9a-f]{64})\.map$/;
export const mapBlob = (version: string): string => `${version}.map`;
export const picturesBlob = (hash: string): string => `pictures-${hash}.bin`;

/** The embedding maps of a run: one a scored version, each begun from the one before it. */
export interface Maps {
  /** What the operator's page may fetch. */
  index(): MapIndex;
  /** Draws and keeps the map of a version that has none; resolves to the seconds it took. A failure is only said. */
  take(round: number, version: string, params: Float32Array): Promise<number>;
}

interface Entry {
  readonly round: number;
  readonly version: string;
}

/** Opens what an earlier start has left. Maps of other pictures, and damaged ones, are deleted. */
export async function openMaps(
  blobs: BlobStore,
  drawing: MapDrawing,
  board: Pick<Noticeboard, 'alert'>,
  onChange: () => void,
): Promise<Maps> {
  const { facts } = drawing.pictures;
  await openPictures(blobs, drawing);
  const kept = await readEntries(blobs, facts.count);
  let previous = await newestLayouts(blobs, kept);
  let last: Promise<unknown> = Promise.resolve();

  async function draw(round: number, version: string, params: Float32Array): Promise<number> {
    if (kept.some((entry) => entry.version === version)) return 0;
    const { layouts, seconds } = await drawing.draw(params, previous);
    const bytes = encodeMap({ round, ...layouts });
    await blobs.put(mapBlob(version), bytes);
    // As a later start would read it: the next map is the same with and without one between.
    previous = decodeMap(bytes);
    kept.push({ round, version });
    await thin();
    onChange();
    return seconds;
  }

  async function thin(): Promise<void> {
    while (kept.length > KEPT_MAPS) {
      const [dropped] = kept.splice(mostCrowded(kept.map(({ round }) => round)), 1);
      if (dropped) await blobs.delete(mapBlob(dropped.version));
    }
  }

  return {
    index: () => ({ pictures: facts, versions: [...kept] }),
    take(round, version, params) {
      const taken = last
        .then(() => draw(round, version, params))
        .catch((cause: unknown) => {
          board.alert('warning', `The map of round ${round} could not be drawn: ${sentenceOf(cause)}`);
          return 0;
        });
      last = taken;
      return taken;
    },
  };
}

/** Maps belong to the pictures that they are points of: where those are new, nothing of the old is kept. */
async function openPictures(blobs: BlobStore, { pictures }: MapDrawing): Promise<void> {
  const name = picturesBlob(pictures.facts.hash);
  if (await blobs.has(name)) return;
  for (const old of await blobs.list()) await blobs.delete(old);
  await blobs.put(name, pictures.bytes);
}

/** By round, ascending. */
async function readEntries(blobs: BlobStore, points: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of await blobs.list()) {
    const version = MAP_BLOB.exec(name)?.[1];
    if (version === undefined) continue;
    const map = decodeMap((await blobs.get(name)) ?? new Uint8Array());
    if (map?.pca.length === 2 * points) entries.push({ round: map.round, version });
    else await blobs.delete(name);
  }
  return entries.sort((a, b) => a.round - b.round);
}

async function newestLayouts(blobs: BlobStore, kept: readonly Entry[]): Promise<MapLayouts | undefined> {
  const newest = kept.at(-1);
  const bytes = newest && (await blobs.get(mapBlob(newest.version)));
  return bytes && decodeMap(bytes);
}
