import { expect, test } from 'vitest';
import { duplicateKey } from './duplicateKey.ts';

test.each([
  ['{}', undefined],
  ['{"a":1,"b":2}', undefined],
  ['{"a":1,"b":"a","c":["a","a"]}', undefined],
  ['{"a":{"a":1},"b":{"a":2}}', undefined],
  ['{"a\\"":1,"{":2,"a":3}', undefined],
  ['{"a":1,"b":{"c":"}"},"a" :2}', 'a'],
  ['{"\\u0061":1,"a":2}', 'a'],
])('finds the repeated key of %s: %s', (json, expected) => {
  expect(duplicateKey(json)).toBe(expected);
});

test('walks strings of many megabytes', () => {
  for (const name of ['a'.repeat(8e6), '\\n'.repeat(4e6)]) {
    expect(duplicateKey(`{"${name}":1,"${name}":2}`)?.length).toBeGreaterThan(1e6);
  }
});
