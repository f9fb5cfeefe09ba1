/** Geometry of a batch of square or oblong pictures `[B, H, W, C]` cut into patches of side p. */
export interface PatchGeometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly patch: number;
}

/** Calls `copy` for every row of every patch with its offsets in the picture and in the patches; a row is p·C values. */
function eachPatchRow(g: PatchGeometry, copy: (inPicture: number, inPatches: number) => void): void {
  const { patch, channels } = g;
  const across = g.width / patch;
  const run = patch * channels;
  for (let row = 0; row < g.batch * g.height; row++) {
    const r = row % g.height;
    const patchRow = ((row - r) / g.height) * (g.height / patch) + Math.floor(r / patch);
    for (let column = 0; column < across; column++) {
      copy((row * across + column) * run, ((patchRow * across + column) * patch + (r % patch)) * run);
    }
  }
}

/** Pictures `[B, H, W, C]` → patches `[B, N, p·p·C]`: patches row by row, inside a patch row, column, channel. */
export function patchify(pictures: Float32Array, geometry: PatchGeometry): Float32Array {
  const run = geometry.patch * geometry.channels;
  const patches = new Float32Array(pictures.length);
  eachPatchRow(geometry, (from, to) => {
    for (let i = 0; i < run; i++) patches[to + i] = pictures[from + i] as number;
  });
  return patches;
}

/** The inverse of `patchify`. */
export function unpatchify(patches: Float32Array, geometry: PatchGeometry): Float32Array {
  const run = geometry.patch * geometry.channels;
  const pictures = new Float32Array(patches.length);
  eachPatchRow(geometry, (to, from) => {
    for (let i = 0; i < run; i++) pictures[to + i] = patches[from + i] as number;
  });
  return pictures;
}
