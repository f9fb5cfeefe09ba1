import { NO_COMPUTE } from '@murmur/core/volunteer/view';
import { describe, expect, it } from 'vitest';
import { computeWith, defaultGrant, fittingGrant, grantFrom } from './grant.ts';

describe('what a person gives', () => {
  it('is half of the cores at full speed until they choose', () => {
    expect([1, 2, 3, 8, 64].map((cores) => defaultGrant(cores).workers)).toEqual([1, 1, 1, 4, 32]);
    expect(defaultGrant(8).throttle).toBe(1);
  });

  it('is read back from an earlier visit', () => {
    const chosen = { throttle: 0.35, workers: 3 };
    expect(grantFrom(JSON.stringify(chosen), 4)).toEqual(chosen);
  });

  it('fits the controls and this machine, whatever was kept', () => {
    expect(grantFrom('{"throttle":0.333,"workers":12}', 4)).toEqual({ throttle: 0.35, workers: 4 });
    expect(grantFrom('{"throttle":-1,"workers":0}', 4)).toEqual({ throttle: 0.1, workers: 1 });
    expect(fittingGrant({ throttle: 7, workers: 2.4 }, 4)).toEqual({ throttle: 1, workers: 2 });
  });

  it.each([null, '', 'null', '{', '[]', '{"throttle":"1","workers":2}', '{"throttle":0.5}'])(
    'is the default where %j was kept',
    (kept) => expect(grantFrom(kept, 4)).toEqual(defaultGrant(4)),
  );
});

it('the newest wish and the known cores are shown before the volunteer has heard of them', () => {
  const account = { ...NO_COMPUTE, workers: 2, cores: 1 };
  expect(computeWith(account, { throttle: 0.6, workers: 4 }, 8)).toEqual({
    ...account,
    throttle: 0.6,
    wantedWorkers: 4,
    cores: 8,
  });
});
