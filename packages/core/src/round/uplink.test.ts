import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uplinkShares } from './uplink.ts';

const uplinks = fc.array(fc.double({ min: 1e3, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 16 });
/** Seconds that each member needs to send, for a vector of one byte. */
const times = (shares: readonly number[], speeds: readonly number[], members: number) =>
  shares.map((w, i) => (1 + (members - 2) * w) / (speeds[i] as number));

test('RD11: shares sum to one, and equal uplinks own equal shares', () => {
  fc.assert(
    fc.property(uplinks, (speeds) => {
      const shares = uplinkShares(speeds, speeds.length);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    }),
  );
  for (const share of uplinkShares([5, 5, 5, 5], 4)) expect(share).toBeCloseTo(0.25, 9);
});

test('RD11: nobody who owns something is done later than the others, and no other shares would be faster', () => {
  fc.assert(
    fc.property(
      uplinks.filter((u) => u.length >= 3),
      (speeds) => {
        const n = speeds.length;
        const shares = uplinkShares(speeds, n);
        const all = times(shares, speeds, n);
        const owners = all.filter((_, i) => (shares[i] as number) > 1e-9);
        // All who own something are done at once: taking from one would burden another.
        expect(Math.max(...owners) / Math.min(...owners)).toBeCloseTo(1, 6);
        // Whoever owns nothing could not be faster: its own contribution alone takes as long.
        const idle = all.filter((_, i) => (shares[i] as number) <= 1e-9);
        for (const time of idle) expect(time).toBeGreaterThanOrEqual(Math.max(...owners) * (1 - 1e-6));
      },
    ),
  );
});

test('RD11: an unknown uplink counts as the median; with none known, and with two, shares are equal', () => {
  expect(uplinkShares([undefined, 10, 10], 3)[0]).toBeCloseTo(1 / 3, 9);
  expect(uplinkShares([undefined, undefined], 5)).toEqual([0.5, 0.5]);
  expect(uplinkShares([1, 1e6], 2)).toEqual([0.5, 0.5]);
});

test('RD11: links of 100 Mbit/s and more count alike', () => {
  for (const share of uplinkShares([1e9, 2e8, 1.25e7], 3)) expect(share).toBeCloseTo(1 / 3, 9);
});

test('RD11: a phone that sends a hundredth of what the others send owns nothing', () => {
  expect(uplinkShares([1e6, 1e6, 1e6, 1e4], 4)[3]).toBe(0);
});
