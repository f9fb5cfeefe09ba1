import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatLoss,
  formatMegabytes,
  formatPlural,
  formatProgress,
  formatRate,
  formatSeconds,
  formatShare,
} from './format.ts';

/** Thin spaces read as plain ones, so that the expectations can be read too. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('counts', () => {
  it('group thousands and agree in number', () => {
    expect(formatCount(20_000)).toBe('20,000');
    expect(formatCount(Number.NaN)).toBe('–');
    expect(formatPlural(1, 'volunteer')).toBe('1 volunteer');
    expect(formatPlural(0, 'volunteer')).toBe('0 volunteers');
    expect(formatPlural(2, 'person', 'people')).toBe('2 people');
  });

  it('shorten large ones to three figures', () => {
    expect([999, 9_999, 312_345, 921_600, 999_500, 22_000_000].map((n) => plain(formatCompact(n)))).toEqual([
      '999',
      '9,999',
      '312 K',
      '922 K',
      '1.00 M',
      '22 M',
    ]);
  });
});

describe('bytes', () => {
  it('step through decimal units', () => {
    expect([0, 512, 1_000, 1_500_000, 12_340_000, 7.2e9].map((n) => plain(formatBytes(n)))).toEqual([
      '0 B',
      '512 B',
      '1 kB',
      '1.50 MB',
      '12.3 MB',
      '7.20 GB',
    ]);
  });

  it('stay in megabytes where a column compares them', () => {
    expect([0, 4_400, 12_340_000, 456_000_000].map((n) => plain(formatMegabytes(n)))).toEqual([
      '0.00 MB',
      '0.00 MB',
      '12.3 MB',
      '456 MB',
    ]);
  });
});

describe('times and shares', () => {
  it('show the two largest units of a duration', () => {
    const minute = 60_000;
    expect(
      [0, 8_400, minute, 125_000, 11 * minute + 5_000, 72 * minute, 72 * 60 * minute, Number.NaN].map((n) =>
        plain(formatDuration(n)),
      ),
    ).toEqual(['0 s', '8 s', '1 min', '2 min 5 s', '11 min', '1 h 12 min', '3 days', '–']);
    expect(plain(formatSeconds(4_249))).toBe('4.2 s');
  });

  it('never round progress up to done', () => {
    expect([0, 0.29, 0.999, 1, 1.2].map((n) => plain(formatProgress(n)))).toEqual([
      '0 %',
      '29 %',
      '99 %',
      '100 %',
      '100 %',
    ]);
    expect(plain(formatShare(0.5214))).toBe('52.1 %');
  });

  it('keep small rates readable and admit an unknown loss', () => {
    expect([0, 3.44, 56.7, 1_240].map(formatRate)).toEqual(['0', '3.4', '57', '1,240']);
    expect([0.41234, 12.34, null, undefined].map(formatLoss)).toEqual(['0.412', '12.3', '–', '–']);
  });
});
