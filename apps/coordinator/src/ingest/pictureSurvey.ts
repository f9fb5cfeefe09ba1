import { sharpOn } from './decodePicture.ts';
import { InputError } from './inputError.ts';
import type { Extent } from './source.ts';

interface Size {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** Width and height after EXIF rotation from a picture's header; undefined where it is not a picture. */
export async function pictureSize(bytes: Uint8Array): Promise<Size | undefined> {
  try {
    const { autoOrient, space } = await sharpOn(bytes).metadata();
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' };
  } catch {
    return undefined; // reading it in full will fail too, and is where it gets counted and listed
  }
}

/** Gathers the sizes of a source's pictures. */
export class PictureSurvey {
  count = 0;
  private readable = 0;
  private first: Size | undefined;
  private smallest = Infinity;
  private largest = 0;
  private uniform = true;
  private grey = true;

  add(size: Size | undefined): void {
    this.count++;
    if (size === undefined) return;
    this.readable++;
    this.first ??= size;
    this.smallest = Math.min(this.smallest, size.width, size.height);
    this.largest = Math.max(this.largest, size.width, size.height);
    this.uniform &&= size.width === this.first.width && size.height === this.first.height;
    this.grey &&= size.grey;
  }

  /** Throws InputError when no picture of `where` could be read. */
  extent(where: string): Extent {
    if (this.readable === 0) {
      throw new InputError(
        `None of the ${this.count} pictures in ${where} can be read: JPEG, PNG, WebP, GIF, AVIF or TIFF files are expected.`,
      );
    }
    const { count, smallest, largest, uniform, grey } = this;
    return { count, smallest, largest, uniform, channels: grey ? 1 : 3 };
  }
}
