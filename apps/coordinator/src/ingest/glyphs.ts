import {
  glyph,
  glyphChannels,
  glyphClasses,
  glyphCounts,
  glyphSeed,
  glyphSide,
} from '@murmur/core/data/glyphs';
import type { Source, SourcePicture } from './source.ts';

function* picturesOf(split: keyof typeof glyphCounts): Generator<SourcePicture> {
  for (let i = 0; i < glyphCounts[split]; i++) {
    const { pixels, label } = glyph(glyphSeed, split, i);
    const image = {
      kind: 'raw',
      pixels,
      width: glyphSide,
      height: glyphSide,
      channels: glyphChannels,
    } as const;
    yield { name: `glyph ${i + 1}`, split: split === 'train' ? 'train' : 'test', label, image };
  }
}

/** The built-in sample set as a source. */
export function openGlyphs(): Source {
  return {
    format: 'built-in sample set',
    extent: {
      count: glyphCounts.train + glyphCounts.evaluation,
      smallest: glyphSide,
      largest: glyphSide,
      uniform: true,
      channels: glyphChannels,
    },
    classes: glyphClasses,
    notes: ['glyphs is a synthetic sample set, drawn on this machine from a fixed seed.'],
    pictures: async function* () {
      yield* picturesOf('train');
      yield* picturesOf('evaluation');
    },
  };
}
