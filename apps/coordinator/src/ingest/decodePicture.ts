import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { RawImage, SourcePicture } from './source.ts';

/** The one shape that all pictures of the data set get. */
export interface PictureShape {
  readonly side: number;
  readonly channels: 1 | 3;
  /** Centre on zeros (small pictures of one size), or resize to cover the square and crop its centre. */
  readonly fit: 'pad' | 'cover';
}

/** uint8 [side, side, channels], or why there is none. */
export type FittedPicture = { readonly pixels: Uint8Array } | { readonly reason: string };

const MAX_INPUT_PIXELS = 100e6;

/** Sharp on a picture file, refusing damaged ones and those whose size alone would fill the memory. */
export const sharpOn = (bytes: Uint8Array): Sharp =>
  sharp(bytes, { failOn: 'error', limitInputPixels: MAX_INPUT_PIXELS });

/** Centres the image on a square of zeros. */
export function padToSquare({ pixels, width, height, channels }: RawImage, side: number): Uint8Array {
  if (width === side && height === side) return pixels;
  const square = new Uint8Array(side * side * channels);
  const left = Math.floor((side - width) / 2);
  const top = Math.floor((side - height) / 2);
  for (let row = 0; row < height; row++) {
    const line = pixels.subarray(row * width * channels, (row + 1) * width * channels);
    square.set(line, ((top + row) * side + left) * channels);
  }
  return square;
}

function coverSquare(picture: Sharp, { side, channels }: PictureShape): Promise<Uint8Array> {
  return picture
    .resize(side, side, { fit: 'cover', position: 'centre' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
}

async function fitEncoded(bytes: Uint8Array, shape: PictureShape): Promise<Uint8Array> {
  const upright = sharpOn(bytes).autoOrient().flatten({ background: '#fff' });
  if (shape.fit === 'cover') return coverSquare(upright, shape);
  const colours = upright.toColourspace(shape.channels === 1 ? 'b-w' : 'srgb');
  const { data, info } = await colours.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return padToSquare({ kind: 'raw', pixels: data, width, height, channels: shape.channels }, shape.side);
}

function fitRaw(image: RawImage, shape: PictureShape): Promise<Uint8Array> {
  if (shape.fit === 'pad') return Promise.resolve(padToSquare(image, shape.side));
  const { width, height, channels } = image;
  return coverSquare(sharp(image.pixels, { raw: { width, height, channels } }), shape);
}

/** Brings a picture to the data set's shape; a picture that cannot be decoded gives its reason. */
export async function fitPicture(image: SourcePicture['image'], shape: PictureShape): Promise<FittedPicture> {
  if (image.kind === 'unreadable') return { reason: image.reason };
  try {
    const pixels = await (image.kind === 'raw' ? fitRaw(image, shape) : fitEncoded(image.bytes, shape));
    const expected = shape.side * shape.side * shape.channels;
    if (pixels.length === expected) return { pixels };
    return { reason: `it decodes to ${pixels.length} bytes instead of ${expected}` };
  } catch (error) {
    if (image.kind === 'raw' || !(error instanceof Error)) throw error;
    return { reason: (error.message.split('\n')[0] ?? '').replace(/^Input buffer/, 'the file') };
  }
}
