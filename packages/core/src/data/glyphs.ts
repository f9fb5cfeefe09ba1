import { fold, key, uniformStream } from '../random/key.ts';
import { glyphShapes } from './glyphShapes.ts';
import type { Inside } from './glyphShapes.ts';

/**
 * "glyphs", the built-in sample set: one large anti-aliased shape of ten classes on a ground, drawn from a seed.
 * Colours, position, size, a little rotation, a colour ramp and faint dots hide the class from raw pixels, while
 * edges and corners show it. It is synthetic and small, made to see an encoder learn within minutes.
 * Every operation is exact in IEEE 754 (no sin, cos, exp or log), so the bytes are the same on every machine.
 */
export const glyphSide = 32;
export const glyphChannels = 3;
export const glyphClasses: readonly string[] = glyphShapes.map((shape) => shape.name);
export const glyphCounts = { train: 20_000, evaluation: 2_000 } as const;
/** The seed of the sample set that everybody gets. */
export const glyphSeed = 1;

export interface Glyph {
  /** uint8 [glyphSide, glyphSide, glyphChannels]. */
  readonly pixels: Uint8Array;
  /** Index into glyphClasses. */
  readonly label: number;
}

type Uniform = () => number;
type Colour = readonly [number, number, number];

/** Points per pixel side at which a shape is tested: 16 levels of coverage. */
const SAMPLES = 4;
const between = (next: Uniform, low: number, high: number): number => low + (high - low) * next();

/** Colours of ground and shape: random tints, with lightness at least 80 of 255 apart, whichever is the lighter. */
function contrastingColours(next: Uniform): { ground: Colour; shape: Colour } {
  const colour = (): Colour => {
    const grey = between(next, 40, 215);
    return [grey + between(next, -80, 80), grey + between(next, -80, 80), grey + between(next, -80, 80)];
  };
  const lightness = ([r, g, b]: Colour): number => 0.3 * r + 0.6 * g + 0.1 * b;
  const ground = colour();
  let shape = colour();
  while (Math.abs(lightness(shape) - lightness(ground)) < 80) shape = colour();
  return { ground, shape };
}

/** A number for the pixel at (column, row). */
type Field = (column: number, row: number) => number;

/** Places a shape: a rotation with rational sine and cosine (t = tan of half the angle), a size and a centre. */
function place(inside: Inside, next: Uniform): Inside {
  const t = between(next, -0.12, 0.12);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const radius = between(next, 10.5, 13.5);
  const reach = Math.min(4, glyphSide / 2 - radius);
  const centreX = glyphSide / 2 + between(next, -reach, reach);
  const centreY = glyphSide / 2 + between(next, -reach, reach);
  return (column, row) => {
    const x = (column - centreX) / radius;
    const y = (row - centreY) / radius;
    return x * x + y * y <= 1 && inside(cos * x + sin * y, cos * y - sin * x);
  };
}

/** Share of each pixel that the shape covers, 0 to 1: [glyphSide * glyphSide]. Samples only where the corners differ. */
function coverage(inside: Inside): Float64Array {
  const stride = glyphSide + 1;
  const corners = new Uint8Array(stride * stride);
  for (let i = 0; i < corners.length; i++) corners[i] = inside(i % stride, Math.floor(i / stride)) ? 1 : 0;
  const shares = new Float64Array(glyphSide * glyphSide);
  for (let row = 0; row < glyphSide; row++) {
    for (let column = 0; column < glyphSide; column++) {
      const c = row * stride + column;
      const sum = corners[c]! + corners[c + 1]! + corners[c + stride]! + corners[c + stride + 1]!;
      shares[row * glyphSide + column] = sum % 4 === 0 ? sum / 4 : sampledShare(inside, column, row);
    }
  }
  return shares;
}

function sampledShare(inside: Inside, column: number, row: number): number {
  let hits = 0;
  for (let v = 0; v < SAMPLES; v++) {
    for (let u = 0; u < SAMPLES; u++) {
      if (inside(column + (u + 0.5) / SAMPLES, row + (v + 0.5) / SAMPLES)) hits++;
    }
  }
  return hits / (SAMPLES * SAMPLES);
}

/** Up to two faint dots on the ground: what they add to a pixel's value. */
function clutter(next: Uniform): Field {
  const dots = Array.from({ length: Math.floor(between(next, 0, 3)) }, () => ({
    x: between(next, 1, glyphSide - 1),
    y: between(next, 1, glyphSide - 1),
    radius: between(next, 1, 2.2),
    strength: between(next, -40, 40),
  }));
  return (column, row) => {
    let added = 0;
    for (const { x, y, radius, strength } of dots) {
      const dx = column + 0.5 - x;
      const dy = row + 0.5 - y;
      const edge = radius + 0.5 - Math.sqrt(dx * dx + dy * dy);
      if (edge > 0) added += strength * Math.min(1, edge);
    }
    return added;
  };
}

/** A straight ramp of lightness over the picture, at most ±18 at its corners. */
function ramp(next: Uniform): Field {
  const [slopeX, slopeY] = [between(next, -18, 18), between(next, -18, 18)];
  return (column, row) => (slopeX * (column - 15.5) + slopeY * (row - 15.5)) / glyphSide;
}

const toByte = (value: number): number => Math.min(255, Math.max(0, Math.floor(value + 0.5)));

function draw(inside: Inside, next: Uniform): Uint8Array {
  const { ground, shape } = contrastingColours(next);
  const shares = coverage(place(inside, next));
  const onGround = ramp(next);
  const dots = clutter(next);
  const onShape = ramp(next);
  const pixels = new Uint8Array(shares.length * glyphChannels);
  for (let i = 0; i < shares.length; i++) {
    const column = i % glyphSide;
    const row = Math.floor(i / glyphSide);
    const share = shares[i]!;
    const added = (1 - share) * (onGround(column, row) + dots(column, row)) + share * onShape(column, row);
    const noise = between(next, -0.5, 0.5);
    for (let c = 0; c < glyphChannels; c++) {
      const flat = (1 - share) * ground[c]! + share * shape[c]!;
      pixels[i * glyphChannels + c] = toByte(flat + added + noise);
    }
  }
  return pixels;
}

/** Picture `index` of a split; classes take turns, so every run of ten pictures holds each class once. */
export function glyph(seed: number, split: keyof typeof glyphCounts, index: number): Glyph {
  const label = index % glyphShapes.length;
  const { inside } = glyphShapes[label] as (typeof glyphShapes)[number];
  return { pixels: draw(inside, uniformStream(fold(fold(key(seed), `glyphs ${split}`), index))), label };
}
