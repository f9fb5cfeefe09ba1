import { adjustBrightness } from './brightness.ts';
import { adjustContrast } from './contrast.ts';
import { adjustHue } from './hue.ts';
import { between, randomly, type Transform, type Uniform } from './pictures.ts';
import { adjustSaturation } from './saturation.ts';

export interface JitterOptions {
  readonly probability: number;
  /** Factors lie within 1 ± this, and not below 0. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Turns of the colour circle lie within ± this. */
  readonly hue: number;
}

/** Changes an RGB picture in place, by a factor or by turns. */
type Adjust = (picture: Float32Array, amount: number) => void;

/** The four adjustments of one picture and their amounts, in the order in which they come. */
export function drawAdjustments(next: Uniform, options: JitterOptions): (readonly [Adjust, number])[] {
  const factor = (range: number) => between(next, Math.max(0, 1 - range), 1 + range);
  const adjustments: (readonly [Adjust, number])[] = [
    [adjustBrightness, factor(options.brightness)],
    [adjustContrast, factor(options.contrast)],
    [adjustSaturation, factor(options.saturation)],
    [adjustHue, between(next, -options.hue, options.hue)],
  ];
  // Fisher and Yates: the order changes what clipping does, so it is drawn too
  for (let i = adjustments.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const last = adjustments[i] as readonly [Adjust, number];
    adjustments[i] = adjustments[j] as readonly [Adjust, number];
    adjustments[j] = last;
  }
  return adjustments;
}

/** torchvision's `ColorJitter` under `RandomApply`, as Chen et al. 2020, appendix A use them. RGB only. */
export const colorJitter = (options: JitterOptions): Transform =>
  randomly(options.probability, (picture, next) => {
    for (const [adjust, amount] of drawAdjustments(next, options)) adjust(picture, amount);
  });
