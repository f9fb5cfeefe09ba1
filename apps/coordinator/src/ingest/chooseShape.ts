import type { PictureShape } from './decodePicture.ts';
import { InputError } from './inputError.ts';
import type { Extent } from './source.ts';

export interface ShapeFlags {
  /** Side of the square in pixels, instead of the one chosen. */
  readonly imageSize?: number;
  /** Side of a patch in pixels, instead of side / 8. */
  readonly patch?: number;
}

/** Pictures up to this side keep their size; larger ones are resized and cropped to it. */
const LARGEST_KEPT = 64;
/** 8 x 8 = 64 patches a picture. */
const PATCHES_A_SIDE = 8;
const SIDE_RANGE = [8, 512] as const;

const nextMultiple = (side: number): number => Math.ceil(side / PATCHES_A_SIDE) * PATCHES_A_SIDE;

function choosePatch(side: number, patch: number | undefined): number {
  if (patch === undefined && side % PATCHES_A_SIDE !== 0) {
    throw new InputError(
      `An image size of ${side} cannot be cut into 8 x 8 patches: choose a multiple of 8, or name a patch that divides it.`,
    );
  }
  const chosen = patch ?? side / PATCHES_A_SIDE;
  if (Number.isInteger(chosen) && chosen >= 1 && chosen < side && side % chosen === 0) return chosen;
  throw new InputError(
    `A patch of ${chosen} does not divide pictures of ${side}x${side} into several patches: choose one that divides ${side}.`,
  );
}

/** The square that all pictures of this extent are brought to, and its patch. Throws InputError on unusable flags. */
export function chooseShape(extent: Extent, flags: ShapeFlags): PictureShape & { readonly patch: number } {
  const natural = extent.largest > LARGEST_KEPT ? LARGEST_KEPT : nextMultiple(extent.largest);
  const side = flags.imageSize ?? natural;
  const [low, high] = SIDE_RANGE;
  if (!Number.isInteger(side) || side < low || side > high) {
    throw new InputError(
      `An image size of ${side} is not possible: choose a whole number from ${low} to ${high}.`,
    );
  }
  const padded = extent.uniform && extent.largest <= side && side < extent.largest + PATCHES_A_SIDE;
  return {
    side,
    channels: extent.channels,
    fit: padded ? 'pad' : 'cover',
    patch: choosePatch(side, flags.patch),
  };
}
