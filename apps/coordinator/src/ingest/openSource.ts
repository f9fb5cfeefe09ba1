import { openCifar10 } from './cifar10.ts';
import type { Detected } from './detected.ts';
import { openGlyphs } from './glyphs.ts';
import { openIdx } from './idx.ts';
import { openImageFolder } from './imageFolder.ts';
import type { OnLook, Source } from './source.ts';
import { openTarImages } from './tarImages.ts';

/** Opens what was detected and looks through it once. Throws InputError. */
export async function openSource(detected: Detected, onLook: OnLook): Promise<Source> {
  switch (detected.format) {
    case 'glyphs':
      return openGlyphs();
    case 'idx':
      return openIdx(detected.pairs);
    case 'cifar10':
      return openCifar10(detected.files, detected.metaPath, onLook);
    case 'tarImages':
      return openTarImages(detected.files, onLook);
    case 'imageFolder':
      return openImageFolder(detected.root, onLook);
  }
}
