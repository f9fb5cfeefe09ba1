import { expect, test } from 'vitest';
import { ruleFor, type WantedRule } from '../aggregate/rules.ts';
import { float32 } from '../codec/float32.ts';
import { key } from '../random/key.ts';
import { createLeaseBook } from './leases.ts';
import { tryOpen } from './opening.ts';
import { initialRoundState, type RoundRules, type Volunteer } from './state.ts';

const HASH = '0'.repeat(64);

function ruleOf(aggregate: WantedRule, count: number): string | undefined {
  const rules: RoundRules = {
    ...{ run: 'r', parameters: 64, schemaHash: HASH, target: { kind: 'rounds', amount: 3 } },
    ...{ codec: 'float32', decode: float32.decode, aggregate, seed: 1, spotChecks: 0, auditKey: key(1) },
    reduce: () => ({ kind: 'failed', sentence: 'nothing is reduced here' }),
    ...{ optimizer: 'sgd', learningRateAt: () => 1, batch: { joint: 0, least: 1 }, innerSteps: 1 },
    ...{ quorum: count, patienceMs: 1_000, reduceMs: 1_000 },
  };
  const state = initialRoundState({
    ...{ round: 0, committedRounds: 0, version: HASH, samplesDone: 0, trainedMs: 0, phase: 'running' },
    leases: createLeaseBook([{ hash: HASH, count: 1_000 }]),
  });
  const volunteers = Array.from({ length: count }, (_, i): [string, Volunteer] => {
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
        uplink: undefined,
        meshed: true,
      },
    ];
  });
  return tryOpen({ ...state, volunteers: new Map(volunteers) }, rules, 0)[0].open?.manifest.rule;
}

test('RD1 AG2: the manifest fixes the rule: the one that is asked for, or what so many members can withstand', () => {
  expect([ruleOf('auto', 1), ruleOf('auto', 2)]).toEqual(['mean', 'mean']);
  for (const count of [3, 8, 16]) expect(ruleOf('auto', count)).toBe(ruleFor('auto', count));
  expect(ruleOf('auto', 8)).not.toBe('mean');
  expect([ruleOf('krum', 2), ruleOf('mean', 8)]).toEqual(['krum', 'mean']);
});
