import { describe, expect, test } from 'vitest';
import { codecOf, type CodecName } from '../codec/registry.ts';
import { chooseCodec, sendingMs } from './ladder.ts';
import { uplinkShares } from './uplink.ts';

const PARAMETERS = 1_000_000;
const links = (...uplinks: (number | undefined)[]) => ({ parameters: PARAMETERS, uplinks });
/** Of three whose links are alike, each sends four thirds of an encoded vector. */
const MEGABIT = 125_000;
const alike = (megabits: number) => links(...[1, 1, 1].map((one) => one * megabits * MEGABIT));

describe('how long sending takes', () => {
  test('RD11: of members whose links are alike it is the bytes of each over its uplink', () => {
    const ms = sendingMs('int8', alike(10));
    expect(ms).toBeCloseTo((1_000 * (4 / 3) * codecOf('int8').encodedBytes(PARAMETERS)) / (10 * MEGABIT), 6);
  });

  test('RD11: it is that of the last one, whose part is small where its link is slow', () => {
    const uplinks = [1e6, 2e6, 4e6];
    const shares = uplinkShares(uplinks, 3);
    const bytes = codecOf('float32').encodedBytes(PARAMETERS);
    const sent = uplinks.map((uplink, i) => {
      const share = shares[i] as number;
      return (1_000 * bytes * (1 - share + 2 * share)) / uplink;
    });
    expect(shares[0]).toBeLessThan(0.2);
    expect(sendingMs('float32', links(...uplinks))).toBeCloseTo(Math.max(...sent), 6);
  });

  test('updates of topk are larger than its contributions', () => {
    // Half of a contribution and the update of half a vector.
    expect(sendingMs('topk', links(1e6, 1e6))).toBeCloseTo(
      (1e3 * 0.5 * (0.0293 + 0.251) * PARAMETERS) / 1e6,
      -1,
    );
  });

  test('an unknown uplink counts as the median, and nobody knows anything where all are unknown', () => {
    expect(sendingMs('int8', links(1e6, undefined, 1e6))).toBe(sendingMs('int8', links(1e6, 1e6, 1e6)));
    expect(sendingMs('int8', links(undefined, undefined))).toBeUndefined();
  });

  test('alone there is nothing to send', () => expect(sendingMs('int8', links(1e6))).toBe(0));
});

describe('the ladder', () => {
  test('CD3: int8 where links are fast or unknown, int4 where one of them is slow', () => {
    expect(chooseCodec(undefined, links(undefined, undefined))).toBe('int8');
    expect(chooseCodec(undefined, alike(1_000))).toBe('int8');
    expect(chooseCodec('int8', alike(2))).toBe('int4');
    expect(chooseCodec('int8', links(1e9, 1e9, 100_000))).toBe('int4');
    expect(chooseCodec('int4', links(undefined, undefined))).toBe('int4');
  });

  test('CD3: no link is so slow that accuracy is given away', () => {
    expect(chooseCodec('int4', alike(0.001))).toBe('int4');
    expect(chooseCodec('int4', links(0, 0, 0))).toBe('int4');
  });

  test('CD3: links that waver do not change the codec from round to round', () => {
    const changes = (from: number, to: number) => {
      let codec: CodecName = chooseCodec(undefined, alike(from));
      let count = 0;
      for (let round = 0; round < 20; round++) {
        const next = chooseCodec(codec, alike(round % 2 === 0 ? to : from));
        count += Number(next !== codec);
        codec = next;
      }
      return count;
    };
    // int8 takes a second at 10.7 Mbit/s and half of one at 21.4.
    expect(changes(9, 12)).toBe(0);
    expect(changes(11, 20)).toBe(0);
    expect(changes(12, 10)).toBe(1);
    expect(changes(5, 50)).toBeGreaterThan(1);
  });
});
