import { expect, test } from 'vitest';
import { flatten, schemaSize, schemaText, unflatten } from './params.ts';

const schema = [
  { name: 'a', shape: [2, 2] },
  { name: 'b', shape: [] },
];

test('flatten and unflatten are inverse, in schema order', () => {
  const flat = Float32Array.of(1, 2, 3, 4, 5);
  expect(schemaSize(schema)).toBe(5);
  expect(unflatten(schema, flat).get('b')).toEqual(Float32Array.of(5));
  expect(flatten(schema, unflatten(schema, flat))).toEqual(flat);
  expect(schemaText(schema)).toBe('a:2x2\nb:');
});

test('a wrong length and a missing name are errors that name them', () => {
  expect(() => unflatten(schema, new Float32Array(4))).toThrow(
    'expected 5 values for 2 parameters, received 4',
  );
  expect(() => flatten(schema, new Map([['a', new Float32Array(4)]]))).toThrow('for b, received none');
});
