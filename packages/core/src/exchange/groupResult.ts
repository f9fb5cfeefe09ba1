/**
 * How what groups have made of a part travels up the tree (GR3): the number of groups that are in it and their indices, each 16
 * bits little-endian, then the encoded values.
 */
const PARTS = 64;

/** Plans of a part follow each other; the number of a message names both. */
export function wireOf(wire: number): { part: number; attempt: number } {
  return { part: wire % PARTS, attempt: Math.floor(wire / PARTS) };
}
export const wirePart = (part: number, attempt: number): number => part + PARTS * attempt;

export function packResult(groups: readonly number[], bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(2 * (1 + groups.length) + bytes.byteLength);
  const view = new DataView(packed.buffer);
  [groups.length, ...groups].forEach((value, i) => view.setUint16(2 * i, value, true));
  packed.set(bytes, 2 * (1 + groups.length));
  return packed;
}

/** Borrows from `packed`. Undefined for what `packResult` does not write, and for nothing. */
export function unpackResult(
  packed: Uint8Array | undefined,
): { groups: number[]; bytes: Uint8Array } | undefined {
  if (!packed || packed.byteLength < 2) return undefined;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const count = view.getUint16(0, true);
  const header = 2 * (1 + count);
  if (count === 0 || packed.byteLength < header) return undefined;
  const groups = Array.from({ length: count }, (_, i) => view.getUint16(2 * (i + 1), true));
  if (new Set(groups).size !== count) return undefined;
  return { groups, bytes: packed.subarray(header) };
}
