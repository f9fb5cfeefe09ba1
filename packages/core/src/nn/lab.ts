/**
 * sRGB (IEC 61966-2-1) and CIE L*a*b* of 1976 under its white point D65: L from 0 to 100; a and b are 0 for grey. Numbers are
 * those of CIE 15 and IEC 61966-2-1, in double precision.
 */
export type Lab = [L: number, a: number, b: number];
export type Rgb = [red: number, green: number, blue: number];

/** Linear RGB → XYZ. Each row's sum is a coordinate of the white point. */
const TO_XYZ = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
] as const;
const FROM_XYZ = [
  [3.2404542, -1.5371385, -0.4985314],
  [-0.969266, 1.8760108, 0.041556],
  [0.0556434, -0.2040259, 1.0572252],
] as const;

const dot = ([p, q, r]: readonly [number, number, number], x: number, y: number, z: number): number =>
  p * x + q * y + r * z;
const [WHITE_X, WHITE_Y, WHITE_Z] = [
  dot(TO_XYZ[0], 1, 1, 1),
  dot(TO_XYZ[1], 1, 1, 1),
  dot(TO_XYZ[2], 1, 1, 1),
];

/** Light that a channel from 0 to 1 stands for. */
export const decodeGamma = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** The inverse of `decodeGamma`. */
export const encodeGamma = (light: number): number =>
  light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;

const DELTA = 6 / 29;
const compress = (t: number): number => (t > DELTA ** 3 ? Math.cbrt(t) : t / (3 * DELTA ** 2) + 4 / 29);
const expand = (t: number): number => (t > DELTA ? t ** 3 : 3 * DELTA ** 2 * (t - 4 / 29));

/** L, a and b of light, three linear channels from 0 to 1. */
export function labOfLight(red: number, green: number, blue: number): Lab {
  const x = compress(dot(TO_XYZ[0], red, green, blue) / WHITE_X);
  const y = compress(dot(TO_XYZ[1], red, green, blue) / WHITE_Y);
  const z = compress(dot(TO_XYZ[2], red, green, blue) / WHITE_Z);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** L, a and b of an sRGB colour, channels from 0 to 1. */
export const labOf = ([red, green, blue]: Rgb): Lab =>
  labOfLight(decodeGamma(red), decodeGamma(green), decodeGamma(blue));

/** The inverse of `labOf`; a colour that no screen shows has channels below 0 or above 1. */
export function rgbOf([L, a, b]: Lab): Rgb {
  const middle = (L + 16) / 116;
  const x = WHITE_X * expand(middle + a / 500);
  const y = WHITE_Y * expand(middle);
  const z = WHITE_Z * expand(middle - b / 200);
  return FROM_XYZ.map((row) => encodeGamma(dot(row, x, y, z))) as Rgb;
}

/** The channel, the same for red, green and blue, of the grey that is as light as `L`. */
export const greyOf = (L: number): number => encodeGamma(WHITE_Y * expand((L + 16) / 116));
