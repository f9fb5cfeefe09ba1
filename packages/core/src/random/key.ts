/**
 * Key-passing randomness: the same key gives the same numbers on every machine, in any order of calls.
 * A key is used once; `fold` and `split` make fresh ones from it.
 */
export type Key = readonly [number, number];

const GOLDEN = 0x9e3779b9;

/** Murmur3's finaliser: a bijection of 32-bit integers with full avalanche (Appleby, 2011). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Makes a key from an integer seed. */
export function key(seed: number): Key {
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return fold([mix(seed >>> 0), mix(high ^ GOLDEN)], 0);
}

/** Derives a key from `parent` and an integer or a string; different data give independent keys. */
export function fold(parent: Key, data: number | string): Key {
  const numbers = typeof data === 'string' ? Array.from(data, (c) => c.codePointAt(0) ?? 0) : [data >>> 0];
  let [a, b] = parent;
  for (const n of [...numbers, numbers.length]) {
    a = mix((a + Math.imul(n, GOLDEN) + 0x632be5ab) | 0);
    b = mix((b ^ a) + GOLDEN);
    a = mix(a + b);
  }
  return [a, b];
}

/** Derives `count` independent keys. */
export function split(parent: Key, count: number): Key[] {
  return Array.from({ length: count }, (_, i) => fold(parent, i));
}

/** A stream of uniform 32-bit integers: xoshiro128** (Blackman and Vigna, 2018) seeded from the key. */
export function uint32Stream(from: Key): () => number {
  let [s0, s1] = from;
  let s2 = mix(s0 ^ GOLDEN);
  let s3 = mix(s1 + GOLDEN) | 1;
  return () => {
    const x = Math.imul(s1, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };
}

/** A stream of uniform numbers in [0, 1) with 32 random bits. */
export function uniformStream(from: Key): () => number {
  const next = uint32Stream(from);
  return () => next() / 2 ** 32;
}

/** `count` uniform numbers in [0, 1); exactly representable as float32 (24 bits). */
export function uniform(from: Key, count: number): Float32Array {
  const next = uint32Stream(from);
  return Float32Array.from({ length: count }, () => (next() >>> 8) / 2 ** 24);
}

/** One uniform integer in [0, bound). */
export function integer(from: Key, bound: number): number {
  return Math.floor(uniformStream(from)() * bound);
}

/**
 * `count` standard normal numbers (Box and Muller, 1958).
 * Uses Math.log and Math.cos, whose last bit may differ between engines: never name bytes by it.
 */
export function normal(from: Key, count: number): Float32Array {
  const next = uniformStream(from);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

/** A uniform permutation of 0..count-1 (Fisher and Yates). */
export function permutation(from: Key, count: number): Uint32Array {
  const next = uniformStream(from);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
