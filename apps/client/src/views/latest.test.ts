import { expect, it } from 'vitest';
import { latest } from './latest.ts';

it('passes the first at once, then the newest, and never loses the last', () => {
  const timers: (() => void)[] = [];
  const seen: number[] = [];
  const push = latest<number>(
    100,
    (_ms, call) => timers.push(call),
    (value) => seen.push(value),
  );
  [1, 2, 3].forEach(push);
  expect(seen).toEqual([1]);
  timers.shift()!();
  expect(seen).toEqual([1, 3]);
  timers.shift()!();
  expect(seen).toEqual([1, 3]);
  push(4);
  expect(seen).toEqual([1, 3, 4]);
});
