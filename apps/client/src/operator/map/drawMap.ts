import { spriteAt, type SpriteSheet } from './spriteSheet.ts';

export interface MapScene {
  readonly sheet: CanvasImageSource;
  readonly sprites: SpriteSheet;
  /** `[M, 2]` within −1 … 1, y upwards. */
  readonly positions: Float32Array;
  /** Drawn large, over all others. */
  readonly raised: number | undefined;
}

export interface MapSizes {
  /** Width and height of the square, in CSS pixels. */
  readonly square: number;
  /** Side of a picture. */
  readonly thumb: number;
  /** Side of the raised one. */
  readonly large: number;
}

const FRAME_PX = 1;
const RAISED_FRAME_PX = 3;

/** Small enough for five hundred to be told apart, large enough to see what they are. */
export function mapSizes(square: number, count: number): MapSizes {
  const even = square / Math.sqrt(count);
  const thumb = Math.round(Math.max(8, Math.min(28, 0.78 * even)));
  return { square, thumb, large: Math.min(112, square / 3) };
}

/** From −1 … 1 to CSS pixels, so that every picture lies within the square. */
export function toSquare(positions: Float32Array, { square, thumb }: MapSizes): Float32Array {
  const half = (square - thumb) / 2 - 2;
  return positions.map((value, i) => square / 2 + (i % 2 === 0 ? half : -half) * value);
}

export interface MapColours {
  readonly frame: string;
  readonly raised: string;
}

/** Draws the pictures where they lie; the context is scaled to CSS pixels. */
export function drawMap(
  context: CanvasRenderingContext2D,
  { sheet, sprites, positions, raised }: MapScene,
  sizes: MapSizes,
  colours: MapColours,
): void {
  context.clearRect(0, 0, sizes.square, sizes.square);
  const places = toSquare(positions, sizes);
  const put = (picture: number, side: number, frame: number): void => {
    const [x, y] = [places[2 * picture] ?? 0, places[2 * picture + 1] ?? 0].map(
      (middle) => middle - side / 2,
    ) as [number, number];
    const [left, top] = [x, y].map((edge) => clamp(edge, frame, sizes.square - side - frame)) as [
      number,
      number,
    ];
    context.fillRect(left - frame, top - frame, side + 2 * frame, side + 2 * frame);
    context.drawImage(
      sheet,
      ...spriteAt(sprites, picture),
      sprites.side,
      sprites.side,
      left,
      top,
      side,
      side,
    );
  };
  context.imageSmoothingQuality = 'high';
  context.fillStyle = colours.frame;
  for (let picture = 0; picture < sprites.count; picture++) put(picture, sizes.thumb, FRAME_PX);
  if (raised === undefined) return;
  context.imageSmoothingEnabled = sprites.side < sizes.large / 4;
  context.fillStyle = colours.raised;
  put(raised, sizes.large, RAISED_FRAME_PX);
  context.imageSmoothingEnabled = true;
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
