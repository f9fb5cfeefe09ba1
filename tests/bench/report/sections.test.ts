import { expect, test } from 'vitest';
import { table, withSections } from './sections.ts';

const DOCUMENT =
  'before\n\n<!-- measured: one -->\n\nold\n\n<!-- end of one -->\n\nafter\n\n<!-- measured: two -->\n<!-- end of two -->\n';

test('a section takes the place of the old one, and the rest stays', () => {
  const text = withSections(DOCUMENT, new Map([['one', 'new']]));
  expect(text).toBe(DOCUMENT.replace('old', 'new'));
  expect(withSections(text, new Map([['one', 'new']]))).toBe(text);
});

test('a section without its marks is told by name', () => {
  expect(() => withSections(DOCUMENT, new Map([['three', 'new']]))).toThrow('measured: three');
});

test('what was not measured is a dash', () => {
  expect(table(['a', 'b'], [[1, null]])).toBe('| a | b |\n| --- | --- |\n| 1 | – |');
});
