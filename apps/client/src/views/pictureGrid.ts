/** Pictures side by side as one RGBA image, ready for a canvas. */

export interface Mosaic {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 4]`; the gaps between pictures are transparent. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface MosaicOptions {
  /** How many of the pictures to show, from the first. */
  readonly columns: number;
  readonly side: number;
  /** 1 (grey) or 3 (colour). */
  readonly channels: number;
  /** Transparent pixels between two pictures. */
  readonly gap: number;
}

/** `pictures` is `[count, side, side, channels]`; the result is one row of the first `columns` of them. */
export function mosaic(pictures: Uint8Array, options: MosaicOptions): Mosaic {
  const { columns, side, channels, gap } = options;
  const width = Math.max(1, columns * (side + gap) - gap);
  const rgba = new Uint8ClampedArray(width * side * 4);
  for (let picture = 0; picture < columns; picture++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const from = ((picture * side + y) * side + x) * channels;
        const to = (y * width + picture * (side + gap) + x) * 4;
        for (let c = 0; c < 3; c++) rgba[to + c] = pictures[from + (channels === 1 ? 0 : c)] ?? 0;
        rgba[to + 3] = 255;
      }
  return { width, height: side, rgba };
}

export interface GridFit {
  readonly columns: number;
  /** Width of the canvas in CSS pixels: each picture pixel covers a whole number of device pixels. */
  readonly cssWidth: number;
}

/** What a picture should measure: large enough to see a patch, small enough for five on a phone. */
const PICTURE_CSS = 70;

/** How many pictures fit into `availableCss` pixels, and how wide they are drawn so that they stay crisp. */
export function fitGrid(
  availableCss: number,
  pictures: { count: number; side: number; gap: number; pixelRatio: number },
): GridFit {
  const { count, side, gap, pixelRatio } = pictures;
  const scale = Math.max(1, Math.round((PICTURE_CSS * pixelRatio) / side)) / pixelRatio;
  const fitting = Math.floor((availableCss / scale + gap) / (side + gap));
  const columns = Math.max(1, Math.min(count, fitting));
  return { columns, cssWidth: scale * (columns * (side + gap) - gap) };
}
