import type { MapIndex } from '@murmur/core/protocol/map';

/** Many small pictures as one RGBA image, row by row, ready for a canvas. */
export interface SpriteSheet {
  readonly count: number;
  readonly side: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** `[height, width, 4]`; what is beyond the last picture is transparent. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** `bytes` is `[count, side, side, channels]`. Undefined where it is not as long as that. */
export function spriteSheet(bytes: Uint8Array, facts: MapIndex['pictures']): SpriteSheet | undefined {
  const { count, side, channels } = facts;
  if (bytes.length !== count * side * side * channels) return undefined;
  const columns = Math.ceil(Math.sqrt(count));
  const [width, height] = [columns * side, Math.ceil(count / columns) * side];
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < count * side * side; pixel++) {
    const picture = Math.floor(pixel / (side * side));
    const x = (picture % columns) * side + (pixel % side);
    const y = Math.floor(picture / columns) * side + (Math.floor(pixel / side) % side);
    const to = (y * width + x) * 4;
    for (let c = 0; c < 3; c++) rgba[to + c] = bytes[pixel * channels + (channels === 1 ? 0 : c)] ?? 0;
    rgba[to + 3] = 255;
  }
  return { count, side, columns, width, height, rgba };
}

/** Where a picture begins on the sheet, in pixels. */
export const spriteAt = ({ columns, side }: SpriteSheet, picture: number): readonly [number, number] => [
  (picture % columns) * side,
  Math.floor(picture / columns) * side,
];
