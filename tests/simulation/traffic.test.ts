import { expect, test } from 'vitest';
import { trafficOf } from './traffic.ts';

const PLAN = { codec: 'int8', parameters: 5_000_000, uplinkBits: 10e6, mostDelayMs: 200 } as const;

test('GR3 GR4 RD8: the coordinator moves three encoded copies a round, however many volunteers there are', () => {
  for (const peers of [2, 8, 32, 96]) {
    const told = trafficOf({ ...PLAN, peers });
    expect(told.groups).toBe(Math.ceil(peers / 16));
    expect(told.coordinatorCopies).toBeGreaterThan(2.85);
    expect(told.coordinatorCopies).toBeLessThanOrEqual(3);
  }
});

test('GR3 GR4: nobody sends much more in a crowd than in one group, and the exchange takes little longer', () => {
  const few = trafficOf({ ...PLAN, peers: 16 });
  const many = trafficOf({ ...PLAN, peers: 128 });
  expect(many.volunteerBytes).toBeLessThan(1.05 * few.volunteerBytes);
  expect(many.mostVolunteerBytes).toBeLessThan(1.6 * few.volunteerBytes);
  expect(many.exchangeMs).toBeLessThan(2 * few.exchangeMs);
});
