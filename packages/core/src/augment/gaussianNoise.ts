import { normal } from '../random/key.ts';
import { everyPicture, type Transform } from './pictures.ts';

/** Adds to every value a normal number of deviation `std`; what leaves the range 0 to 1 is not clipped (Vincent et al. 2010). */
export const gaussianNoise = (std: number): Transform =>
  everyPicture((picture, key) => {
    const noise = normal(key, picture.length);
    for (let i = 0; i < picture.length; i++) picture[i] = (picture[i] as number) + std * (noise[i] as number);
  });
