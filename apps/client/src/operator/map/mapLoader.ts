/** Fetches the maps that the snapshots name, and keeps them. Knows nothing of the page. */
import { decodeMap, type MapIndex } from '@murmur/core/protocol/map';
import { frameOf, type MapFrame, type MapLoading } from './mapFrames.ts';
import { spriteSheet, type SpriteSheet } from './spriteSheet.ts';

export interface MapLoaderPorts {
  readonly fetchPath: (path: string, init: RequestInit) => Promise<Response>;
  readonly token: string;
  /** Milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
}

export interface MapLoader {
  readonly loading: () => MapLoading;
  /** Fetches what this index names and is not here yet. */
  sync(index: MapIndex | null): Promise<void>;
}

const RETRY_MS = 10_000;
/** Files at a time. */
const ABREAST = 6;

export function createMapLoader({ fetchPath, token, now, onChange }: MapLoaderPorts): MapLoader {
  const frames = new Map<string, MapFrame>();
  let sheet: { readonly hash: string; readonly sprites: SpriteSheet } | undefined;
  let loading: MapLoading = { map: undefined, problem: undefined };
  let busy = false;
  let retryMs = -Infinity;

  async function read(path: string): Promise<Uint8Array> {
    const response = await fetchPath(path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(await refusal(response));
    return new Uint8Array(await response.arrayBuffer());
  }

  async function fetchFrame(version: string): Promise<void> {
    const map = decodeMap(await read(`/operator/map/${version}`));
    if (map === undefined) throw new Error(UNREADABLE);
    frames.set(version, frameOf(version, map));
  }

  async function fetchAll({ pictures, versions }: MapIndex): Promise<MapLoading> {
    if (sheet?.hash !== pictures.hash) {
      const sprites = spriteSheet(await read(`/operator/map/pictures/${pictures.hash}`), pictures);
      if (sprites === undefined) throw new Error(UNREADABLE);
      frames.clear();
      sheet = { hash: pictures.hash, sprites };
    }
    const missing = versions.filter(({ version }) => !frames.has(version));
    while (missing.length > 0)
      await Promise.all(missing.splice(0, ABREAST).map(({ version }) => fetchFrame(version)));
    const shown = versions.flatMap(({ version }) => frames.get(version) ?? []);
    return { map: { sprites: sheet.sprites, frames: shown }, problem: undefined };
  }

  const isNews = ({ pictures, versions }: MapIndex): boolean =>
    versions.length > 0 &&
    (sheet?.hash !== pictures.hash ||
      loading.map?.frames.length !== versions.length ||
      versions.some(({ version }) => !frames.has(version)));

  return {
    loading: () => loading,
    async sync(index) {
      if (busy || index === null || now() < retryMs || !isNews(index)) return;
      busy = true;
      try {
        loading = await fetchAll(index);
      } catch (problem) {
        retryMs = now() + RETRY_MS;
        loading = { ...loading, problem: `The map could not be fetched: ${sentenceOf(problem)}` };
      }
      busy = false;
      onChange();
    },
  };
}

const UNREADABLE = 'this page and the coordinator are of different versions. Reload the page.';

/** The coordinator's own sentence where it gave one. */
async function refusal(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  const said =
    typeof answer === 'object' && answer !== null && 'sentence' in answer ? answer.sentence : undefined;
  return typeof said === 'string' ? said : `the coordinator answered with status ${response.status}.`;
}

/** A browser's own words for a lost connection help nobody. */
const sentenceOf = (problem: unknown): string =>
  problem instanceof TypeError
    ? 'the coordinator does not answer; this page tries again by itself.'
    : problem instanceof Error
      ? problem.message
      : String(problem);
