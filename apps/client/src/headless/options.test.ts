import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const read = (...args: string[]) => parseOptions(args, { XDG_CACHE_HOME: '/cache' });
const optionsOf = (...args: string[]) => {
  const parsed = read(...args);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed));
  return parsed.options;
};

test('a join address is an origin and, after #, a token', () => {
  expect(optionsOf('http://10.0.0.2:7600/#join=sesame')).toMatchObject({
    origin: 'http://10.0.0.2:7600',
    token: 'sesame',
  });
  expect(optionsOf('https://host/')).toMatchObject({ origin: 'https://host', token: undefined });
  expect(optionsOf('localhost:7600')).toMatchObject({ origin: 'http://localhost:7600' });
});

test('flags say more', () => {
  const flags = ['--name', ' Ada ', '--token', 'mine', '--cache', '/tmp/x', '--quiet', '--json'];
  expect(optionsOf('http://h/#join=other', ...flags)).toEqual({
    origin: 'http://h',
    name: 'Ada',
    token: 'mine',
    cacheFolder: '/tmp/x',
    workers: 1,
    throttle: 1,
    backend: undefined,
    quiet: true,
    json: true,
  });
});

test('a person says how much of the machine is given', () => {
  const given = optionsOf('host', '--workers', '1', '--throttle', '35%', '--backend', 'wasm');
  expect(given).toMatchObject({ workers: 1, throttle: 0.35, backend: 'wasm' });
});

test.each([
  [[], /Expected the join address/],
  [['a', 'b'], /received 2/],
  [['ftp://host'], /"ftp:\/\/host" is not an address/],
  [['http://'], /is not an address/],
  [['host', '--loud'], /--loud/],
  [['host', '--name', '  '], /--name/],
  [['host', '--workers', '0'], /--workers 0: expected a whole number from 1 to/],
  [['host', '--workers', '9999'], /--workers 9999/],
  [['host', '--throttle', '5'], /--throttle 5: expected .* 10 to 100/],
  [['host', '--throttle', 'half'], /--throttle half/],
  [['host', '--backend', 'cuda'], /--backend cuda: expected one of murmur, wasm, cpu/],
])('%j is told apart from what can be meant', (args: string[], sentence) => {
  const parsed = read(...args);
  expect(parsed.kind === 'usage' && parsed.sentence).toMatch(sentence);
});

test('--help needs no address', () => {
  expect(read('--help')).toEqual({ kind: 'help' });
});
