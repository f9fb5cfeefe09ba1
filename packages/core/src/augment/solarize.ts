import { randomly, type Transform } from './pictures.ts';

const THRESHOLD = 0.5;

/** Turns the bright half of a picture's values into their negative, in place. */
export function invertBright(picture: Float32Array): void {
  for (let i = 0; i < picture.length; i++) {
    const value = picture[i] as number;
    if (value >= THRESHOLD) picture[i] = 1 - value;
  }
}

/** Grill et al. 2020, appendix B. */
export const solarize = (probability: number): Transform => randomly(probability, invertBright);
