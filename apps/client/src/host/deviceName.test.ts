import { expect, test } from 'vitest';
import { browserDevice } from './deviceName.ts';

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    8,
    'Chrome on Linux, 8 cores',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0',
    1,
    'Edge on Windows, 1 core',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1',
    undefined,
    'Safari on iOS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0',
    4,
    'Firefox on macOS, 4 cores',
  ],
  ['curl/8', 0, 'a browser on an unknown system'],
])('%s', (userAgent, cores, expected) => {
  expect(browserDevice(userAgent, cores)).toBe(expected);
});
