import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { beforeEach, expect, test } from 'vitest';
import { memoryRunStore } from '../store/memoryRunStore.ts';
import type { RunStore } from '../store/runStore.ts';
import type { Maps } from './maps.ts';
import type { RunOptions } from './options.ts';
import { createScores, type Scores } from './scores.ts';

const BASELINES = { untrained: { knn: 0.1, probe: 0.2 }, pixels: { knn: 0.3, probe: 0.4 } };
const SCORED = { knn: 0.5, probe: 0.6, testCount: 1, trainCount: 1, features: 'f', seconds: 1 };
const params = new Float32Array(1);

let store: RunStore;
let pinned: string[];
let said: string[];
let nowMs: number;
/** Ends what is being scored. */
let finishScoring: () => void;
let failing: boolean;

const scoresWith = (
  over: Partial<RunOptions> = {},
  earlier: readonly ScoreRecord[] = [],
  maps?: Pick<Maps, 'take'>,
): Scores => {
  const scoring = {
    baselines: async () => BASELINES,
    score: () =>
      new Promise<typeof SCORED>((resolve, reject) => {
        finishScoring = () => (failing ? reject(new Error('no memory')) : resolve(SCORED));
      }),
  };
  const observer = {
    ...{ round: () => undefined, done: () => undefined, failed: () => undefined },
    score: (score: ScoreRecord) => void said.push(`score ${score.round}`),
    noScores: (round: number, note: string) => void said.push(`none ${round} ${note}`),
    alert: (_: unknown, sentence: string) => void said.push(sentence),
  };
  const clock = { now: () => nowMs, after: () => () => undefined };
  const options = { scoring, store, observer, clock, scoreEvery: 2, noScores: null, ...over };
  const keeper = { pin: (version: string) => void pinned.push(version) };
  const scores = createScores(options, keeper, earlier, () => undefined, maps);
  scores.begin(params);
  return scores;
};
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

beforeEach(async () => {
  store = memoryRunStore();
  [pinned, said, nowMs, failing, finishScoring] = [[], [], 0, false, () => undefined];
  const head = { run: 'r', round: 0, version: 'v', samplesDone: 0, trainedMs: 0, phase: 'running' } as const;
  await store.create({}, head, {});
});

test('only rounds that are due are scored, one at a time, each beside both baselines', async () => {
  const scores = scoresWith();
  scores.consider(1, 'one', params);
  scores.consider(2, 'two', params);
  scores.consider(4, 'four', params);
  await settle();
  expect(pinned).toEqual(['two']);
  finishScoring();
  await settle();
  expect(scores.all).toEqual([{ round: 2, version: 'two', ...SCORED, baselines: BASELINES }]);
  expect((await store.load())?.scores).toEqual(scores.all);
});

test('a scoring that took long is followed by training without scores for five times as long', async () => {
  const scores = scoresWith();
  scores.consider(2, 'two', params);
  await settle();
  nowMs = 1_000;
  finishScoring();
  await settle();
  nowMs = 5_999;
  scores.consider(4, 'four', params);
  nowMs = 6_000;
  scores.consider(6, 'six', params);
  await settle();
  expect(pinned).toEqual(['two', 'six']);
});

test('a version that is scored gets its map, whose time counts as that of the score does', async () => {
  const mapped: unknown[] = [];
  const take: Maps['take'] = async (round, version) => {
    mapped.push([round, version, said.at(-1)]);
    return 2;
  };
  const scores = scoresWith({}, [], { take });
  scores.consider(1, 'one', params);
  scores.consider(2, 'two', params);
  await settle();
  finishScoring();
  await settle();
  expect(mapped).toEqual([[2, 'two', 'score 2']]);
  nowMs = 14_999;
  scores.consider(4, 'four', params);
  nowMs = 15_000;
  scores.consider(6, 'six', params);
  await settle();
  expect(pinned).toEqual(['two', 'six']);
});

test('the last version is scored after what is being scored, and not twice', async () => {
  const scores = scoresWith();
  scores.consider(2, 'two', params);
  const last = scores.finish(3, 'three', params);
  await settle();
  finishScoring();
  await settle();
  finishScoring();
  expect(await last).toMatchObject({ version: 'three' });
  expect(await scores.finish(3, 'three', params)).toMatchObject({ version: 'three' });
  expect(said).toEqual(['score 2', 'score 3']);
});

test('a failure is said, and the next round is scored all the same', async () => {
  const scores = scoresWith();
  failing = true;
  scores.consider(2, 'two', params);
  await settle();
  finishScoring();
  await settle();
  expect(said).toEqual(['A version could not be scored: no memory']);
  failing = false;
  scores.consider(4, 'four', params);
  await settle();
  finishScoring();
  await settle();
  expect(said.at(-1)).toBe('score 4');
});

test('without labels there is nothing to score, and the end says why', async () => {
  const scores = scoresWith({ scoring: undefined, noScores: 'There are no labels.' });
  scores.consider(2, 'two', params);
  expect(await scores.finish(3, 'three', params)).toBeUndefined();
  expect(said).toEqual(['none 3 There are no labels.']);
});
