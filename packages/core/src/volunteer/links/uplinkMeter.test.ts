import { expect, test } from 'vitest';
import { createUplinkMeter } from './uplinkMeter.ts';

const MEBIBYTE = 2 ** 20;

function bench() {
  let nowMs = 1_000;
  const meter = createUplinkMeter({ now: () => nowMs });
  return { meter, pass: (ms: number) => void (nowMs += ms) };
}

test('RD11: what arrived is divided by the time in which something was on its way, and by no other', () => {
  const { meter, pass } = bench();
  meter.begin();
  pass(500);
  meter.begin();
  pass(500);
  meter.end(MEBIBYTE);
  pass(1_000);
  meter.end(MEBIBYTE);
  pass(60_000);
  expect(meter.take()).toBe(MEBIBYTE);
});

test('RD11: what was given up took its time and carried nothing', () => {
  const { meter, pass } = bench();
  meter.begin();
  meter.begin();
  pass(1_000);
  meter.end(MEBIBYTE);
  pass(1_000);
  meter.end(0);
  expect(meter.take()).toBe(MEBIBYTE / 2);
});

test('RD11: too little says nothing, and each answer begins anew', () => {
  const { meter, pass } = bench();
  expect(meter.take()).toBeUndefined();
  meter.begin();
  pass(1_000);
  meter.end(1_000);
  expect(meter.take()).toBeUndefined();
  meter.begin();
  meter.end(MEBIBYTE);
  expect(meter.take()).toBeUndefined();
  meter.begin();
  pass(100);
  meter.end(MEBIBYTE);
  expect(meter.take()).toBe(10 * MEBIBYTE);
});
