/** The published recipes for views, and what of them small and grey pictures get. */
import { split, type Key } from '../random/key.ts';
import { colorJitter, type JitterOptions } from './colorJitter.ts';
import { gaussianBlur } from './gaussianBlur.ts';
import { randomGreyscale } from './greyscale.ts';
import { horizontalFlip } from './horizontalFlip.ts';
import { compose, type Pictures, type Transform } from './pictures.ts';
import { randomResizedCrop } from './randomResizedCrop.ts';
import { solarize } from './solarize.ts';

export interface ViewOptions {
  readonly recipe: 'simclr' | 'byol';
  readonly side: number;
  readonly channels: number;
  /** The least share of a picture's area that a view shows. */
  readonly cropScale: number;
  /** 1 as published for photographs; 0 for no jitter. */
  readonly colorStrength: number;
}

/** Below this side nothing is blurred: Chen et al. 2020, appendix B.9 leave it out for pictures of 32 pixels. */
const LEAST_BLURRED_SIDE = 64;
const SIGMA = [0.1, 2] as const;

/** What tells the recipes, and the two views of a recipe, apart. */
interface Strengths {
  readonly jitter: JitterOptions;
  readonly blur: number;
  readonly solarize: number;
}

/** Chen et al. 2020, appendix A; both views are made alike. */
const simclrStrengths = (s: number): Strengths => ({
  jitter: { probability: 0.8, brightness: 0.8 * s, contrast: 0.8 * s, saturation: 0.8 * s, hue: 0.2 * s },
  blur: 0.5,
  solarize: 0,
});

/** Grill et al. 2020, appendix B, table 6. */
const byolStrengths = (s: number): readonly [Strengths, Strengths] => {
  const jitter = {
    probability: 0.8,
    brightness: 0.4 * s,
    contrast: 0.4 * s,
    saturation: 0.2 * s,
    hue: 0.1 * s,
  };
  return [
    { jitter, blur: 1, solarize: 0 },
    { jitter, blur: 0.1, solarize: 0.2 },
  ];
};

function viewOf({ side, channels, cropScale }: ViewOptions, strengths: Strengths): Transform {
  const colour = channels === 3 ? [colorJitter(strengths.jitter), randomGreyscale(0.2)] : [];
  const blur = side < LEAST_BLURRED_SIDE ? [] : [gaussianBlur({ probability: strengths.blur, sigma: SIGMA })];
  const solarized = strengths.solarize === 0 ? [] : [solarize(strengths.solarize)];
  const crop = randomResizedCrop({ scale: [cropScale, 1], ratio: [3 / 4, 4 / 3] });
  return compose([crop, horizontalFlip(0.5), ...colour, ...blur, ...solarized]);
}

/** How the first and the second view of a picture are made. */
function recipeOf(options: ViewOptions): readonly [Transform, Transform] {
  const { recipe, colorStrength } = options;
  const [one, two] =
    recipe === 'simclr'
      ? [simclrStrengths(colorStrength), simclrStrengths(colorStrength)]
      : byolStrengths(colorStrength);
  return [viewOf(options, one), viewOf(options, two)];
}

/** Two views of each picture `[B, side, side, C]`, from 0 to 1; picture i draws from `key` and i alone. */
export function twoViews(
  values: Float32Array,
  options: ViewOptions,
  key: Key,
): readonly [Float32Array, Float32Array] {
  const { side, channels } = options;
  const pictures: Pictures = { side, channels, values };
  const keys = split(key, values.length / (side ** 2 * channels));
  const [one, two] = recipeOf(options);
  const ofView = (view: number) => keys.map((picture) => split(picture, 2)[view] as Key);
  return [one(pictures, ofView(0)).values, two(pictures, ofView(1)).values];
}
