/** Ascending indices below 4096 in 12 bits each: two in three bytes, low bits first. */

/** Writes into `bytes`, which is zero, 1.5 bytes an index. */
export function writeIndices(indices: Uint16Array, bytes: Uint8Array): void {
  for (let i = 0, at = 0; i < indices.length; i += 2, at += 3) {
    const [first, second] = [indices[i] as number, i + 1 < indices.length ? (indices[i + 1] as number) : 0];
    bytes[at] = first & 255;
    bytes[at + 1] = (first >> 8) | ((second & 15) << 4);
    if (i + 1 < indices.length) bytes[at + 2] = second >> 4;
  }
}

/** Reads `count` indices, each above the one before and below `length`, or says what they are instead. */
export function readIndices(bytes: Uint8Array, count: number, length: number): Uint16Array | string {
  const indices = new Uint16Array(count);
  let before = -1;
  for (let i = 0; i < count; i++) {
    const at = 3 * (i >> 1);
    const middle = bytes[at + 1] as number;
    const index =
      i % 2 === 0
        ? (bytes[at] as number) | ((middle & 15) << 8)
        : (middle >> 4) | ((bytes[at + 2] as number) << 4);
    if (index <= before || index >= length) return `index ${index} after ${before}, of ${length} values`;
    indices[i] = index;
    before = index;
  }
  const odd = count % 2 === 1;
  return odd && (bytes[bytes.length - 1] as number) > 15 ? 'padding that is set' : indices;
}
