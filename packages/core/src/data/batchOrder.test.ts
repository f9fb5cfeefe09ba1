import { expect, test } from 'vitest';
import { exampleOrder, gatherBatch, gatherLabels } from './batchOrder.ts';

test('the order is a permutation and depends on seed, shard and epoch alone', () => {
  const order = exampleOrder(7, 'ab', 3, 500);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(500).keys()]);
  expect(exampleOrder(7, 'ab', 3, 500)).toEqual(order);
  for (const other of [
    exampleOrder(8, 'ab', 3, 500),
    exampleOrder(7, 'ac', 3, 500),
    exampleOrder(7, 'ab', 4, 500),
  ]) {
    expect(other).not.toEqual(order);
  }
});

test('the order is pinned, so that recomputed work visits the same examples on every machine', () => {
  expect([...exampleOrder(1, 'shard', 0, 8)]).toEqual([7, 0, 6, 3, 5, 1, 4, 2]);
});

test('a batch is the pictures at the indices, repeats included', () => {
  const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6);
  expect([...gatherBatch(pixels, Uint32Array.of(2, 0, 2), 2)]).toEqual([5, 6, 1, 2, 5, 6]);
});

test('an index outside the shard throws instead of yielding a black picture', () => {
  expect(() => gatherBatch(new Uint8Array(6), Uint32Array.of(3), 2)).toThrow(
    'index 3 is outside the 3 pictures',
  );
});

test('labels are gathered as pictures are', () => {
  const labels = Uint16Array.of(7, 400, 9);
  expect(gatherLabels(labels, Uint32Array.of(2, 0, 2, 1))).toEqual(Uint16Array.of(9, 7, 9, 400));
  expect(() => gatherLabels(labels, Uint32Array.of(3))).toThrow('index 3 is outside the 3 labels');
});
