/** Of float32 without its sign: the exponent and three bits of the mantissa. */
const BUCKET_SHIFT = 20;
const BUCKETS = 2 ** (31 - BUCKET_SHIFT);
const MAGNITUDE = 0x7fffffff;

/** Finds the values of largest magnitude in a block. */
export interface Largest {
  /**
   * The `count` values of largest magnitude, of equals the first, as ascending indices into the block. Borrows the
   * block, which holds the bits of at least so many finite values; the next call writes over what is returned.
   */
  (block: Uint32Array, count: number): Uint16Array;
}

/**
 * A selection by one pass of radix sort: magnitudes are counted by their leading bits, and only the bucket with the
 * last one that fits is sorted. Scratch memory is shared by all calls.
 */
export function largestOf(mostLength: number): Largest {
  const counts = new Uint16Array(BUCKETS);
  const bucket = new Uint32Array(mostLength);
  const indices = new Uint16Array(mostLength);

  /** The least magnitude that is taken, and how many that are equal to it. */
  function cutOf(block: Uint32Array, count: number): { least: number; ties: number } {
    counts.fill(0);
    for (let i = 0; i < block.length; i++) {
      const at = ((block[i] as number) & MAGNITUDE) >>> BUCKET_SHIFT;
      counts[at] = (counts[at] as number) + 1;
    }
    let last = BUCKETS - 1;
    let left = count;
    while ((counts[last] as number) < left) left -= counts[last--] as number;
    let size = 0;
    for (let i = 0; i < block.length; i++) {
      const magnitude = (block[i] as number) & MAGNITUDE;
      if (magnitude >>> BUCKET_SHIFT === last) bucket[size++] = magnitude;
    }
    const sorted = bucket.subarray(0, size).sort();
    const least = sorted[size - left] as number;
    let ties = 0;
    for (let i = size - left; i < size && sorted[i] === least; i++) ties++;
    return { least, ties };
  }

  return (block, count) => {
    if (count === 0) return indices.subarray(0, 0);
    const { least, ties } = cutOf(block, count);
    let [taken, left] = [0, ties];
    for (let i = 0; i < block.length; i++) {
      const magnitude = (block[i] as number) & MAGNITUDE;
      if (magnitude > least || (magnitude === least && left-- > 0)) indices[taken++] = i;
    }
    return indices.subarray(0, taken);
  };
}
