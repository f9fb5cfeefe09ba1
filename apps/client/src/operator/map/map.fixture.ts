/** Maps as a run gives them, of real sample pictures, without a run. */
import { glyph, glyphChannels, glyphSide } from '@murmur/core/data/glyphs';
import { hashFixture, wiggle } from '../../gallery/records.fixture.ts';
import { frameOf, type LoadedMap, type MapFrame, type MapView } from './mapFrames.ts';
import { spriteSheet } from './spriteSheet.ts';

const COUNT = 240;
const GROUPS = 10;

const bell = (n: number): number => wiggle(n) + wiggle(n + 0.5) + wiggle(n + 0.25) - 1.5;

/** Ten groups that come out of one cloud as the rounds go by. */
function frame(round: number, labels: readonly number[]): MapFrame {
  const order = 1 - Math.exp(-round / 25);
  const layout = (apart: number, seed: number) =>
    Float32Array.from({ length: 2 * COUNT }, (_, i) => {
      const label = labels[i >> 1] ?? 0;
      const turn = (label / GROUPS) * 2 * Math.PI + (i % 2 === 0 ? 0 : Math.PI / 2);
      return apart * order * Math.cos(turn) + (1.2 - order * 0.6) * bell(seed + i + round / 500);
    });
  return frameOf(hashFixture(round), { round, pca: layout(0.7, 3), umap: layout(2.4, 9) });
}

function loadedMap(rounds: readonly number[]): LoadedMap {
  const glyphs = Array.from({ length: COUNT }, (_, i) => glyph(1, 'evaluation', i));
  const bytes = Uint8Array.from(glyphs.flatMap(({ pixels }) => [...pixels]));
  const facts = { hash: hashFixture(0), count: COUNT, side: glyphSide, channels: glyphChannels } as const;
  const sprites = spriteSheet(bytes, facts);
  if (sprites === undefined) throw new Error('map.fixture: the pictures do not fit their facts.');
  const labels = glyphs.map(({ label }) => label);
  return { sprites, frames: rounds.map((round) => frame(round, labels)) };
}

export const mapFixture = (...rounds: number[]): MapView => ({
  kind: 'shown',
  map: loadedMap(rounds),
  trouble: undefined,
});
