const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

const match = (names: readonly (readonly [RegExp, string])[], text: string, otherwise: string): string =>
  names.find(([pattern]) => pattern.test(text))?.[1] ?? otherwise;

/** A few words on a browser's device, such as `Chrome on Linux, 4 cores`; nothing that tells people apart. */
export function browserDevice(userAgent: string, cores: number | undefined): string {
  const browser = match(BROWSERS, userAgent, 'a browser');
  const system = match(SYSTEMS, userAgent, 'an unknown system');
  return `${browser} on ${system}${coreWords(cores)}`;
}

export const coreWords = (cores: number | undefined): string =>
  cores === undefined || cores < 1 ? '' : `, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
