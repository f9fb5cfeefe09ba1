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

type Adjustment = (picture: Float32Array) => void;

/** The four adjustments of one picture, in the order in which they come. */
export function drawAdjustments(next: Uniform, options: JitterOptions): Adjustment[] {
  const factor = (range: number) => between(next, Math.max(0, 1 - range), 1 + range);
  const [brightness, contrast] = [factor(options.brightness), factor(options.contrast)];
  const [saturation, turns] = [factor(options.saturation), between(next, -options.hue, options.hue)];
  const adjustments: Adjustment[] = [
    (picture) => adjustBrightness(picture, brightness),
    (picture) => adjustContrast(picture, contrast),
    (picture) => adjustSaturation(picture, saturation),
    (picture) => adjustHue(picture, turns),
  ];
  // Fisher and Yates: the order changes what clipping does, so it is drawn too
  for (let i = adjustments.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [adjustments[i], adjustments[j]] = [adjustments[j] as Adjustment, adjustments[i] as Adjustment];
  }
  return adjustments;
}

/** torchvision's `ColorJitter` under `RandomApply`, as Chen et al. 2020, appendix A use them. RGB only. */
export const colorJitter = (options: JitterOptions): Transform =>
  randomly(options.probability, (picture, next) => {
    for (const adjust of drawAdjustments(next, options)) adjust(picture);
  });
