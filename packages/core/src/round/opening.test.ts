import { expect, test } from 'vitest';
import { ruleFor, type WantedRule } from '../aggregate/rules.ts';
import { decodeReduced } from '../engine/contribution.ts';
import { key } from '../random/key.ts';
import { createLeaseBook } from './leases.ts';
import type { WantedCodec } from './ladder.ts';
import { tryOpen } from './opening.ts';
import { initialRoundState, type RoundRules, type RoundState, type Volunteer } from './state.ts';

const HASH = '0'.repeat(64);

interface Opening {
  readonly aggregate?: WantedRule;
  readonly codec?: WantedCodec;
  readonly uplinks: readonly (number | undefined)[];
}

/** The first round of so many as there are uplinks. */
function open({ aggregate = 'auto', codec = 'float32', uplinks }: Opening): RoundState {
  const rules: RoundRules = {
    ...{ run: 'r', parameters: 1_000_000, schemaHash: HASH, target: { kind: 'rounds', amount: 3 } },
    ...{ codec, aggregate, seed: 1, spotChecks: 0, auditKey: key(1), decode: decodeReduced },
    reduce: () => ({ kind: 'failed', sentence: 'nothing is reduced here' }),
    ...{ optimizer: 'sgd', learningRateAt: () => 1, batch: { joint: 0, least: 1 }, innerSteps: 1 },
    ...{ quorum: uplinks.length, patienceMs: 1_000, reduceMs: 1_000 },
  };
  const state = initialRoundState({
    ...{ round: 0, committedRounds: 0, version: HASH, samplesDone: 0, trainedMs: 0, phase: 'running' },
    leases: createLeaseBook([{ hash: HASH, count: 1_000 }]),
  });
  const volunteers = uplinks.map((uplink, i): [string, Volunteer] => {
    const peer = `peer${i}`;
    return [
      peer,
      {
        peer,
        name: peer,
        state: 'available',
        workers: 1,
        joinedRound: 0,
        lastRound: 0,
        uplink,
        meshed: true,
      },
    ];
  });
  return tryOpen({ ...state, volunteers: new Map(volunteers) }, rules, 0)[0];
}

const ruleOf = (aggregate: WantedRule, count: number): string | undefined =>
  open({ aggregate, uplinks: Array.from({ length: count }, () => undefined) }).open?.manifest.rule;

test('RD1 AG2: the manifest fixes the rule: the one that is asked for, or what so many members can withstand', () => {
  expect([ruleOf('auto', 1), ruleOf('auto', 2)]).toEqual(['mean', 'mean']);
  for (const count of [3, 8, 16]) expect(ruleOf('auto', count)).toBe(ruleFor('auto', count));
  expect(ruleOf('auto', 8)).not.toBe('mean');
  expect([ruleOf('krum', 2), ruleOf('mean', 8)]).toEqual(['krum', 'mean']);
});

test('RD1 CD3: the manifest fixes the codec: the one that is asked for, or what the links of the members carry', () => {
  const codecOf = (codec: WantedCodec, ...uplinks: (number | undefined)[]) => {
    const { codec: kept, open: round } = open({ codec, uplinks });
    expect(kept).toBe(round?.manifest.codec);
    return kept;
  };
  expect(codecOf('topk', 1e9, 1e9)).toBe('topk');
  expect(codecOf('auto', undefined, undefined)).toBe('int8');
  expect(codecOf('auto', 1e9, 1e9)).toBe('int8');
  expect(codecOf('auto', 1e9, 1e5)).toBe('int4');
});
