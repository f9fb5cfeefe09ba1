import { expect, test } from 'vitest';
import { key, uint32Stream } from '../../random/key.ts';
import { classBytes, MemoryPool } from './memoryPool.ts';

test('a class wastes at most an eighth beyond the smallest sizes, in multiples of 64', () => {
  for (let bytes = 0; bytes < 100_000; bytes += 37) {
    const size = classBytes(bytes);
    expect(size % 64).toBe(0);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size).toBeLessThanOrEqual(Math.max(bytes * 1.125 + 64, 64));
    expect(classBytes(size)).toBe(size);
  }
});

test('pieces never overlap, and what is given back is used again', () => {
  const pool = new MemoryPool();
  const next = uint32Stream(key(1));
  const held: { pointer: number; bytes: number }[] = [];
  for (let i = 0; i < 3000; i++) {
    const bytes = next() % 200_000;
    held.push({ pointer: pool.allocate(bytes), bytes });
    if (held.length > 20) {
      const [gone] = held.splice(next() % held.length, 1);
      if (gone) pool.release(gone.pointer, gone.bytes);
    }
    const sorted = [...held].sort((a, b) => a.pointer - b.pointer);
    const clash = sorted.find((piece, at) => {
      const after = sorted[at + 1];
      return after !== undefined && piece.pointer + piece.bytes > after.pointer;
    });
    expect(clash).toBeUndefined();
  }
  for (const { pointer, bytes } of held) pool.release(pointer, bytes);
  expect(pool.use().usedBytes).toBe(0);
  expect(pool.use().pages * 65536).toBeLessThan(40 * 1024 * 1024);
});

test('growing keeps the content', () => {
  const pool = new MemoryPool();
  const pointer = pool.allocate(16);
  pool.float32(pointer, 4).set([1, 2, 3, 4]);
  pool.allocate(64 * 1024 * 1024);
  expect([...pool.float32(pointer, 4)]).toEqual([1, 2, 3, 4]);
});
