import { describe, expect, test } from 'vitest';
import type { RoundManifest } from '../protocol/round.ts';
import { key, uniformStream } from '../random/key.ts';
import { createLeaseBook } from './leases.ts';
import { remember } from './past.ts';
import { HASH, rules as fixtureRules } from './reducer.fixture.ts';
import { reduceRound } from './reducer.ts';
import { beginCheck } from './spotChecks.ts';
import {
  initialRoundState,
  type Likeness,
  type Ready,
  type RoundEffect,
  type RoundRules,
  type RoundState,
  type SpotCheck,
} from './state.ts';

const PEERS = ['anna', 'bert', 'cleo', 'dora'];
const BATCH = 8;
/** Of a round: ten rounds before the last tell what an optimiser remembers. */
const STEPS = 2;
const HONEST: Likeness = { cosine: 0.9, length: 0.9 };
const DOUBTFUL: Likeness = { cosine: 0.3, length: 0.5 };
const TURNED_ROUND: Likeness = { cosine: -0.9, length: 0.9 };

interface Played {
  readonly rules?: Partial<RoundRules>;
  /** What training again gives of this one in this round. */
  readonly likeness?: (peer: string, round: number) => Likeness | undefined;
  /** Who is in no version of this round, though a member. */
  readonly missing?: (peer: string, round: number) => boolean;
  /** Who says that there is more in its contribution than the work of the round. */
  readonly carried?: (peer: string, round: number) => boolean;
  /** How long a check takes. */
  readonly checkMs?: number;
}

/** Rounds of a second each, in all of which everybody's pieces are shown. */
function play({
  rules: over,
  likeness = () => HONEST,
  missing = () => false,
  carried = () => false,
  checkMs = 0,
}: Played = {}) {
  const rules: RoundRules = { ...fixtureRules, spotChecks: 1, ...over };
  let state: RoundState = initialRoundState({
    ...{ round: 0, committedRounds: 0, version: HASH('0'), samplesDone: 0, trainedMs: 0, phase: 'paused' },
    leases: createLeaseBook([{ hash: HASH('a'), count: 1_000 }]),
  });
  const checks: (SpotCheck & { readonly round: number })[] = [];
  const effects: RoundEffect[] = [];
  const timed = () => ({ rules, nowMs: 1_000 * state.round });
  const feed = (event: Parameters<typeof reduceRound>[1], nowMs = timed().nowMs): void => {
    const [next, more] = reduceRound(state, event, { rules, nowMs });
    state = next;
    effects.push(...more);
  };
  const manifestOf = (round: number): RoundManifest => ({
    ...{ run: 'r', round, base: HASH('0'), parts: [{ start: 0, end: 4096, owner: 'anna' }], rule: 'mean' },
    members: [...state.volunteers.keys()].map((peer) => ({ peer, name: peer, workers: 1, leases: [] })),
    ...{ codec: rules.codec, optimizer: rules.optimizer, seed: 1, learningRate: 1, batchSize: BATCH },
    ...{ minSteps: 1, maxSteps: STEPS, trainMs: 1, reduceMs: 1 },
  });

  function round(): void {
    const manifest = manifestOf(state.round + 1);
    const { round: number } = manifest;
    const ready = new Map(
      [...state.volunteers.keys()].flatMap((peer): [string, Ready][] =>
        missing(peer, number) ? [] : [[peer, readyOf(number, carried(peer, number))]],
      ),
    );
    state = { ...state, round: number, past: remember(state, { manifest, ready }, [...ready.keys()]) };
    const contributors = [...ready].map(([peer, r]) => ({ peer, ...r }));
    const inbox = new Map(contributors.map(({ peer }) => [peer, Uint8Array.of(1)]));
    const claim = { bytes: Uint8Array.of(1), hash: undefined, contributors: [...inbox.keys()] };
    const audited = { manifest, known: contributors, later: [], part: 0, owner: 'anna', claim };
    const audit = { ...audited, contributors, inbox, deadlineMs: 0 };
    const [next, more] = beginCheck(state, audit, timed());
    state = next;
    for (const effect of more)
      if (effect.type === 'recompute') checks.push({ ...effect.check, round: number });
  }

  /** The check in flight ends. */
  function answer(): void {
    const { check } = state;
    const last = check?.stints.at(-1)?.manifest.round;
    if (!check || last === undefined) return;
    const found = likeness(check.peer, last);
    feed({ type: 'recomputed', round: last, peer: check.peer, likeness: found }, timed().nowMs + checkMs);
  }

  for (const peer of PEERS) feed({ type: 'joined', peer, name: peer });
  return {
    ...{ checks, effects, feed, round, answer },
    state: () => state,
    rounds(count: number): void {
      for (let i = 0; i < count; i++) {
        round();
        answer();
      }
    },
  };
}

const readyOf = (round: number, carried: boolean): Ready => ({
  ...{ type: 'ready', round, samples: STEPS * BATCH, steps: STEPS, loss: 1, norm: 1, trainMs: 1 },
  ...{ hashes: [HASH('e')], meshed: [], carried },
});

describe('whose work is trained again', () => {
  test('AG6: nobody is trusted before ten checks in a row: each in turn, whoever has waited longest', () => {
    const r = play();
    r.rounds(40);
    const peers = r.checks.map((check) => check.peer);
    for (let i = 0; i < 40; i += 4) expect(new Set(peers.slice(i, i + 4))).toEqual(new Set(PEERS));
  });

  test('AG6: who has passed ten is checked with a probability of one in as many as it passed, and never no more', () => {
    const r = play();
    r.rounds(40 + 1_000);
    const late = r.checks.slice(40);
    // Each streak grows as the root of twice the rounds: four of them have 4 · √(2 · 1,000) checks if all had their lots.
    expect(late.length).toBeGreaterThan(60);
    expect(late.length).toBeLessThan(250);
    for (const peer of PEERS) expect(late.filter((c) => c.peer === peer).length).toBeGreaterThan(10);
  });

  test('AG6: who failed is asked again at once, and its streak begins again', () => {
    const failed: number[] = [];
    const r = play({
      likeness(peer, round) {
        if (peer !== 'cleo' || round < 50 || failed.length > 0) return HONEST;
        failed.push(round);
        return TURNED_ROUND;
      },
    });
    r.rounds(200);
    const [at = NaN] = failed;
    expect(r.checks.find((check) => check.round === at + 1)?.peer).toBe('cleo');
    expect(r.state().trust.get('cleo')?.failures).toBe(0);
    const since = r.checks.filter((check) => check.peer === 'cleo' && check.round > at).length;
    expect(r.state().trust.get('cleo')?.streak).toBe(since);
  });

  test('AG6: one check at a time, whatever rounds do meanwhile, and what comes of another one means nothing', () => {
    const r = play();
    r.round();
    r.round();
    r.round();
    expect(r.checks.map((check) => check.round)).toEqual([1]);
    const { peer } = r.checks[0] as SpotCheck;
    const other = PEERS.find((name) => name !== peer) as string;
    r.feed({ type: 'recomputed', round: 1, peer: other, likeness: TURNED_ROUND });
    r.feed({ type: 'recomputed', round: 2, peer, likeness: TURNED_ROUND });
    expect(r.state().trust.size).toBe(0);
    r.answer();
    expect(r.state().trust.get(peer)).toMatchObject({ streak: 1, checkedRound: 1 });
    r.round();
    expect(r.checks.map((check) => check.round)).toEqual([1, 4]);
  });

  test('AG6: checks take the share of the time that is set, and none where that is 0', () => {
    const quarter = play({ rules: { spotChecks: 0.25 }, checkMs: 900 });
    quarter.rounds(9);
    // Each second 900 ms of a check, then 2,700 ms without.
    expect(quarter.checks.map((check) => check.round)).toEqual([1, 5, 9]);
    const never = play({ rules: { spotChecks: 0 } });
    never.rounds(9);
    expect(never.checks).toEqual([]);
  });
});

describe('what comes of it', () => {
  const liar = (peer: string): Likeness => (peer === 'bert' ? TURNED_ROUND : HONEST);

  test('AG5 AG6: whose work is not that of its training, twice in a row, is excluded with a reason, and may be let in again', () => {
    const r = play({ likeness: liar });
    r.rounds(6);
    const ban = r.state().banned.get('bert');
    expect(ban?.sentence).toMatch(
      /^What it contributed to part 1 of round \d is not what training on its examples gives/,
    );
    expect([...r.state().banned.keys()]).toEqual(['bert']);
    expect(r.effects).toContainEqual({ type: 'banned', ban });
    expect(r.state().volunteers.has('bert')).toBe(false);
    r.feed({ type: 'pardon', peer: 'bert' });
    expect(r.state().trust.has('bert')).toBe(false);
  });

  test('AG6: a check that could not be done is no judgement, and everybody else has a turn before it is tried again', () => {
    const r = play({ likeness: () => undefined });
    r.rounds(12);
    expect(r.state().banned.size).toBe(0);
    expect([...r.state().trust.values()].every(({ streak, failures }) => streak + failures === 0)).toBe(true);
    for (const peer of PEERS) expect(r.checks.filter((check) => check.peer === peer).length).toBe(3);
  });

  test('AG6: where an optimiser may have lost its memory, it is asked again once that is filled, and only then', () => {
    const lost = { peer: '', round: 0 };
    const likeness = (peer: string, round: number): Likeness => {
      const isClose = r.checks.at(-1)?.explained;
      if (lost.peer === '' && round > 20 && isClose) Object.assign(lost, { peer, round });
      return lost.peer === peer && round <= lost.round + 9 ? DOUBTFUL : HONEST;
    };
    const r: ReturnType<typeof play> = play({ likeness });
    r.rounds(60);
    const again = r.checks.filter((check) => check.peer === lost.peer && check.round > lost.round);
    // The ten rounds after it are what the eleventh depends on.
    expect(again[0]?.round).toBe(lost.round + 11);
    expect(again[0]?.stints[0]?.manifest.round).toBe(lost.round + 1);
    expect(r.state().banned.size).toBe(0);
    expect(r.state().trust.get(lost.peer)?.streak).toBeGreaterThan(0);
  });

  test('AG6: who sends what its training never quite gives is excluded at the third time', () => {
    const r = play({ likeness: (peer) => (peer === 'dora' ? DOUBTFUL : HONEST) });
    r.rounds(100);
    expect([...r.state().banned.keys()]).toEqual(['dora']);
    const told = r.checks.filter((check) => check.peer === 'dora' && check.explained);
    expect(told.length).toBe(3);
    // Three times, and each time once what is in doubt is forgotten.
    expect(
      told
        .map((check, i) => check.round - (told[i - 1]?.round ?? 0))
        .slice(1)
        .every((gap) => gap > 10),
    ).toBe(true);
  });
});

describe('what can be told of it', () => {
  /** Of those that looked closely, the last. */
  const last = (r: ReturnType<typeof play>) => r.checks.findLast((check) => check.stints.length > 1);

  test('AG6: one check in five looks closely, trains the rounds before, too; the others train this round alone', () => {
    const r = play();
    r.rounds(40);
    const close = r.checks.map((check) => check.stints.length > 1);
    expect(close.map((isClose, i) => (isClose ? i : -1)).filter((i) => i >= 0)).toEqual([
      16, 17, 18, 19, 36, 37, 38, 39,
    ]);
    expect(r.checks.every((check) => check.explained === check.stints.length > 1)).toBe(true);
  });

  test('AG6: as many earlier rounds are trained before it as an optimiser remembers, oldest first', () => {
    const r = play();
    r.rounds(40);
    expect(last(r)).toMatchObject({ explained: true });
    expect(last(r)?.stints.map(({ manifest }) => manifest.round)).toEqual(
      Array.from({ length: 11 }, (_, i) => 30 + i),
    );
    expect(last(r)?.stints.at(-1)?.samples).toBe(STEPS * BATCH);
  });

  test('AG6: plain SGD remembers nothing, so that its round alone is enough', () => {
    const r = play({ rules: { optimizer: 'sgd' } });
    r.rounds(3);
    expect(r.checks.every((check) => check.explained && check.stints.length === 1)).toBe(true);
  });

  test('RD5 AG6: late work may be in it for four rounds after one that counted without it; whoever claims it at other times has no excuse', () => {
    const rounds = (carried: boolean) => {
      const sgd = { optimizer: 'sgd' } as const;
      const r = play({ rules: sgd, missing: (_, round) => round === 6, carried: () => carried });
      r.rounds(12);
      return r.checks.filter((check) => check.explained).map((check) => check.round);
    };
    expect(rounds(true)).toEqual([1, 2, 3, 4, 5, 11, 12]);
    expect(rounds(false)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
  });

  test('AG6: nobody knows what one had in mind before it came, or in a round in which it was not ready', () => {
    const r = play({ missing: (_, round) => round === 12 });
    r.rounds(21);
    expect(last(r)).toMatchObject({
      explained: false,
      stints: Array.from({ length: 9 }, () => ({ samples: 16 })),
    });
    expect(last(r)?.stints[0]?.manifest.round).toBe(13);
    const back = play();
    back.rounds(16);
    for (const peer of PEERS) {
      back.feed({ type: 'left', peer });
      back.feed({ type: 'joined', peer, name: peer });
    }
    back.rounds(2);
    expect(last(back)).toMatchObject({ explained: false });
    expect(last(back)?.stints.map(({ manifest }) => manifest.round)).toEqual([17, 18]);
  });

  test('CD1 AG6: of topk, which owes most of what it sends to earlier rounds, only the direction can be told', () => {
    const r = play({ rules: { codec: 'topk' } });
    r.rounds(40);
    expect(r.checks.every((check) => !check.explained && check.stints.length === 11)).toBe(true);
    // Not before there is a past to explain at least that.
    expect(r.checks[0]?.round).toBe(11);
    const int4 = play({ rules: { codec: 'int4' } });
    int4.rounds(40);
    expect(last(int4)).toMatchObject({ explained: true });
  });
});

test('AG6: of honest volunteers whose optimisers lose their memory once in 500 rounds, under one in a hundred is excluded in 1,000 rounds', () => {
  const RUNS = 30;
  let banned = 0;
  let doubted = 0;
  for (let seed = 0; seed < RUNS; seed++) {
    const draw = uniformStream(key(seed));
    const forgot = new Map<string, number>();
    const likeness = (peer: string, round: number): Likeness => {
      const isCold = round - (forgot.get(peer) ?? -1_000) < 10;
      doubted += Number(isCold);
      return isCold
        ? { cosine: 0.08 + 0.6 * draw(), length: 0.3 }
        : { cosine: 0.83 + 0.17 * draw(), length: 0.8 };
    };
    const r = play({ rules: { auditKey: key(seed) }, likeness });
    for (let round = 1; round <= 1_000; round++) {
      for (const peer of PEERS) if (draw() < 1 / 500) forgot.set(peer, round);
      r.rounds(1);
    }
    banned += r.state().banned.size;
  }
  expect(doubted).toBeGreaterThan(25);
  expect(banned / (RUNS * PEERS.length)).toBeLessThan(0.01);
});
