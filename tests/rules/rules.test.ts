import { describe, expect, test } from 'vitest';
import { checkRules } from './checkRules.ts';
import { checkCheckout } from './readCheckout.ts';
import { readRules } from './readRules.ts';
import { readTitles } from './readTitles.ts';

test('every rule of docs/PROTOCOL.md is cited by a test, and every citation names a rule', () => {
  const { unbuilt, faults } = checkCheckout();
  if (unbuilt.length > 0)
    console.info(`Rules that are not built yet, without a test: ${unbuilt.join(', ')}.`);
  expect(faults).toEqual([]);
});

const document = (...lines: string[]) => readRules(lines.join('\n'));
const titled = (...titles: string[]) => [
  { file: 'a.test.ts', titles: titles.map((title, i) => ({ title, line: i + 1 })) },
];

describe('rules in the document', () => {
  test('are the bold names of list items, and say themselves that they are not built', () => {
    const rules = document(
      '- **RD1** A rule, which needs RD2.',
      '  **RD9** is none: it begins no item.',
      '- **RD2** _(Not built yet.)_ Another.',
      '- **LK1** Built. _(Backups are not built yet.)_',
    );
    expect(rules).toEqual([
      { name: 'RD1', line: 1, built: true },
      { name: 'RD2', line: 3, built: false },
      { name: 'LK1', line: 4, built: true },
    ]);
  });
});

describe('titles in the sources', () => {
  const titlesOf = (source: string) => readTitles('x.test.ts', source).map(({ title }) => title);

  test.each([
    ["test('RD1: one', () => {});", ['RD1: one']],
    ['it(`RD1: ${word} two`, run);', ['RD1: … two']],
    ["test.each([1, 2])('RD1: %s', run);", ['RD1: %s']],
    ["test.each`a\n${1}`('RD1: $a', run);", ['RD1: $a']],
    ["test.skipIf(slow)('RD1: fast', run); it.runIf(fast).each(cases)('LK1', run);", ['RD1: fast', 'LK1']],
    ["test.concurrent('RD' + `1: ` + name, run);", ['RD1: …']],
    ["describe('RD1', () => { describe.each(all)('b', () => { it('c', run); }); });", ['RD1 > b > c']],
    ["for (const a of all) test(a, run); wrap(() => test('RD1', run));", ['…', 'RD1']],
  ])('are found in %s', (source, titles) => expect(titlesOf(source)).toEqual(titles));

  test.each([
    ["describe('RD1: nothing in it', () => {});"],
    ["test.skip('RD1', run); test.todo('RD2'); describe.skip('RD3', () => { test('a', run); });"],
    ["pattern.test('RD1'); const title = 'RD1'; // test('RD1', run)"],
  ])('are none in %s', (source) => expect(titlesOf(source)).toEqual([]));

  test('know their lines', () => {
    expect(readTitles('x.test.ts', "\n\ntest('a', run);")).toEqual([{ title: 'a', line: 3 }]);
  });
});

describe('the check', () => {
  const rules = document('- **RD1** One.', '- **RD2** Two.', '- **LK1** _(Not built yet.)_ Three.');

  test('is content when each built rule is cited somewhere, and names the others', () => {
    const report = checkRules(rules, titled('RD1, RD2: both', 'x > RD1: again'));
    expect(report).toEqual({
      lines: ['RD1\t2 tests in a.test.ts', 'RD2\t1 test in a.test.ts', 'LK1\tnot built yet, no test'],
      unbuilt: ['LK1'],
      faults: [],
    });
  });

  test.each([
    ['a rule without a test', rules, ['RD1: one'], /^RD2 is cited by no test/],
    ['a citation of no rule', rules, ['RD1 RD2: one', 'RD3: three'], /^a\.test\.ts:2: .* cites RD3/],
    ['one of no section', rules, ['RD1 RD2: one', 'XY1: three'], /cites XY1/],
    ['one in the middle of a title', rules, ['RD1 RD2: one', 'as RD7 says'], /cites RD7/],
    ['an unbuilt rule with a test', rules, ['RD1 RD2 LK1: all'], /^LK1 is cited by 1 tests, .* line 3/],
    ['a rule defined twice', [...rules, ...rules.slice(0, 1)], ['RD1 RD2: both'], /^RD1 is defined twice/],
  ])('finds %s', (_, defined, titles, fault) => {
    const { faults } = checkRules(defined, titled(...titles));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  test('takes other capitals with digits for no citations', () => {
    expect(checkRules(rules, titled('RD1 RD2: of RFC 5769 and F16, as MD5')).faults).toEqual([]);
  });
});
