import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useWidth } from '../../views/useWidth.ts';
import { drawMap, mapSizes, toSquare } from './drawMap.ts';
import { pointAt } from './mapFrames.ts';
import type { SpriteSheet } from './spriteSheet.ts';

interface MapCanvasProps {
  readonly sprites: SpriteSheet;
  /** `[M, 2]` within −1 … 1. */
  readonly positions: Float32Array;
  /** The map in a sentence, for those who do not see it. */
  readonly description: string;
}

/** Fingers are less exact than a pointer. */
const SLACK_PX = 12;
const DARK = '(prefers-color-scheme: dark)';

/** The sheet as something that a canvas draws from; undefined where there is no canvas. */
function useSheet({ width, height, rgba }: SpriteSheet): HTMLCanvasElement | undefined {
  const [sheet, setSheet] = useState<HTMLCanvasElement>();
  useEffect(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
    setSheet(canvas);
  }, [rgba]);
  return sheet;
}

/** Counts the changes between light and dark, at each of which the canvas takes other colours. */
function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const theme = matchMedia(DARK);
    const onChange = () => setChanges((count) => count + 1);
    theme.addEventListener('change', onChange);
    return () => theme.removeEventListener('change', onChange);
  }, []);
  return changes;
}

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);

/** Every picture at its place in a square; the one under the pointer, or tapped, is large. */
export function MapCanvas({ sprites, positions, description }: MapCanvasProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [raised, setRaised] = useState<number>();
  const sheet = useSheet(sprites);
  const theme = useTheme();
  const sizes = useMemo(() => mapSizes(width, sprites.count), [width, sprites]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || sheet === undefined || width === 0) return;
    const scale = window.devicePixelRatio;
    const pixels = Math.round(width * scale);
    if (context.canvas.width !== pixels) context.canvas.width = context.canvas.height = pixels;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawMap(context, { sheet, sprites, positions, raised }, sizes, {
      frame: token('--sunk'),
      raised: token('--violet'),
    });
  }, [sheet, sprites, positions, raised, sizes, theme]);
  const point = (event: PointerEvent | MouseEvent): void => {
    const at = { x: event.offsetX, y: event.offsetY };
    setRaised(pointAt(toSquare(positions, sizes), at, { reach: sizes.thumb / 2, slack: SLACK_PX }));
  };
  return (
    <div class="mapCanvas" ref={box}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={description}
        onPointerMove={(event) => event.pointerType === 'mouse' && point(event)}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setRaised(undefined)}
        onClick={point}
      />
    </div>
  );
}
