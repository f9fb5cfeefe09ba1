import { test } from 'vitest';
import { expectLevel } from './expectLevel.ts';

test('memory and tensors are level over 200 steps in 20 rounds on murmur', { timeout: 240_000 }, () =>
  expectLevel('murmur'),
);
