import { describe, expect, test } from 'vitest';
import { allMutants, noticeable, type SubjectMutant } from './mutants.ts';
import { schemataOf } from './schemata.ts';
import { subjectNames } from './subjects.ts';
import { tryMutants } from './tryMutants.ts';

/** A sign of each of the four; `npm run mutate` tries them all, those of the kernels too. */
const NAMED = [
  ['nn/ntXent.ts', 'sub(dUnit, radial)', 'add(dUnit, radial)'],
  ['loops/maskedPatchLoss.ts', 'squares += error * error', 'squares -= error * error'],
  ['models/maeInputs.ts', 'patch.length - 1', 'patch.length + 1'],
  ['loops/layerNorm.ts', 'sum + normal * product', 'sum - normal * product'],
  ['optim/adamw.ts', '1 - beta2 ** step', '1 + beta2 ** step'],
] as const;

/** It starts a vitest of its own, which takes some seconds where nothing else runs. */
const MINUTES_ON_A_BUSY_MACHINE = 300_000;

const mutants = noticeable(allMutants().mutants);

function named([file, from, to]: (typeof NAMED)[number]): SubjectMutant {
  const found = mutants.find((each) => each.file.endsWith(file) && each.from === from && each.to === to);
  if (found === undefined) throw new Error(`named: ${file} has no ${from}`);
  return found;
}

test(
  'a sign changed in NT-Xent, the MAE loss, LayerNorm or AdamW fails a test',
  async () => {
    const chosen = NAMED.map(named);
    expect([...new Set(chosen.map(({ subject }) => subject))]).toEqual([...subjectNames]);
    const verdicts = await tryMutants(chosen);
    expect(verdicts.map(({ mutant, killedBy }) => [mutant.ordinal, killedBy])).toEqual(
      chosen.map(({ ordinal }) => [ordinal, expect.any(String)]),
    );
  },
  MINUTES_ON_A_BUSY_MACHINE,
);

describe('the signs of a file', () => {
  const changes = (source: string) =>
    schemataOf({ file: 'a.ts', source, functions: undefined }, 0).mutants.map(
      ({ from, to }) => `${from} → ${to}`,
    );

  test.each([
    ['x = a + b - c;', ['a + b → a - b', 'a + b - c → a + b + c']],
    ['x += -y;', ['-y → y', 'x += -y → x -= -y']],
    ['if (a < b) c();', ['a < b → a > b']],
    [
      'x = add(a, tf.sub(b, c));',
      ['tf.sub(b, c) → tf.add(b, c)', 'add(a, tf.sub(b, c)) → sub(a, tf.sub(b, c))'],
    ],
    ['x = (a * b) / c;', ['(a * b) / c → -((a * b) / c)']],
    ['x = a * b - c * d;', ['a * b → -(a * b)', 'a * b - c * d → a * b + c * d']],
    ['x = f32x4.mul(a, b);', ['f32x4.mul(a, b) → f32x4.neg(f32x4.mul(a, b))']],
    ['x = multiplyAdd(a, b, c);', ['multiplyAdd(a, b, c) → f32x4.sub(f32x4.mul(a, b), c)']],
    ['const x = { eps: 1e-8, none: 0 };', ['1e-8 → -1e-8']],
    ["x = 'a' + b; y = z[i * 2]; type A = -1;", []],
  ])('of %s', (source, expected) => expect(changes(source)).toEqual(expected));

  test('stand in one text, and each is on where its number is asked for', () => {
    const { text } = schemataOf({ file: 'a.ts', source: 'a * b - c', functions: undefined }, 7);
    const of = new Function('murmurSite', 'a', 'b', 'c', `return ${text};`);
    const results = [undefined, 7, 8].map((on) => of((ordinal: number) => ordinal === on, 2, 3, 1) as number);
    expect(results).toEqual([5, -7, 7]);
  });

  test('are those of the named functions only, where functions are named', () => {
    const source = 'function f() { return a + b; }\nfunction g() { return a - b; }';
    expect(schemataOf({ file: 'a.ts', source, functions: ['g'] }, 0).mutants).toMatchObject([
      { from: 'a - b', at: '2:23', atLoad: false },
    ]);
  });
});
