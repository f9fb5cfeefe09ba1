import { useEffect, useRef } from 'preact/hooks';
import { mosaic } from './pictureGrid.ts';

const GAP = 2;

interface PictureRowProps {
  readonly label: string;
  /** `[count, side, side, channels]` */
  readonly pictures: Uint8Array;
  readonly columns: number;
  readonly side: number;
  readonly channels: number;
  readonly cssWidth: number;
}

/** One labelled row of pictures on a canvas, redrawn in place. */
export function PictureRow({ label, pictures, columns, side, channels, cssWidth }: PictureRowProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const row = mosaic(pictures, { columns, side, channels, gap: GAP });
    const target = canvas.current;
    if (target === null) return;
    target.width = row.width;
    target.height = row.height;
    target.getContext('2d')?.putImageData(new ImageData(row.rgba, row.width, row.height), 0, 0);
  }, [pictures, columns, side, channels]);
  return (
    <figure class="pictureRow">
      <figcaption>{label}</figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${columns} pictures, ${label}`}
        style={{ width: `${cssWidth}px` }}
      />
    </figure>
  );
}

export { GAP as PICTURE_GAP };
