import { uniformStream } from '../random/key.ts';
import { everyPicture, type Transform } from './pictures.ts';

/** Sets each value to zero with probability `share`, every channel of a pixel on its own (Vincent et al. 2008). */
export const maskingNoise = (share: number): Transform =>
  everyPicture((picture, key) => {
    const next = uniformStream(key);
    for (let i = 0; i < picture.length; i++) if (next() < share) picture[i] = 0;
  });
