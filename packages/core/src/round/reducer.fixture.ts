/** A coordinator without clock, network and training, for tests of the round's rules. */
import type { VolunteerMessage } from '../protocol/messages.ts';
import { sha256Hex } from '../hash/sha256.ts';
import { key } from '../random/key.ts';
import { createLeaseBook } from './leases.ts';
import { nextWakeMs, reduceRound } from './reducer.ts';
import {
  initialRoundState,
  type RoundEffect,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from './state.ts';

export const HASH = (c: string) => c.repeat(64);
/** Everybody's, encoded, to every part. */
export const CONTRIBUTION = Uint8Array.of(7);
export const CONTRIBUTION_HASH = sha256Hex(CONTRIBUTION);
/** What the fake codec refuses when it comes first. */
export const NAN = 255;
export const rules: RoundRules = {
  run: 'test',
  parameters: 8192,
  schemaHash: HASH('5'),
  target: { kind: 'rounds', amount: 2 },
  codec: 'int8',
  decode: (_, bytes, length) =>
    bytes.byteLength !== length + 4
      ? { kind: 'refused', reason: 'wrong-size', detail: '' }
      : bytes[0] === NAN
        ? { kind: 'refused', reason: 'non-finite', detail: '' }
        : { kind: 'decoded', values: new Float32Array(length) },
  reduce: (_, part, contributions) =>
    contributions.length === 0
      ? { kind: 'failed', sentence: '' }
      : {
          kind: 'reduced',
          bytes: new Uint8Array(4_100).fill(contributions.length).fill(part, 0, 1),
          contributors: contributions.map((c) => c.contributor.peer),
        },
  aggregate: 'auto',
  seed: 1,
  auditKey: key(1),
  spotChecks: 0,
  optimizer: 'adamw',
  learningRateAt: (progress) => 1 - progress,
  batch: { joint: 0, least: 10 },
  innerSteps: 2,
  quorum: 2,
  patienceMs: 1_000,
  reduceMs: 8_000,
};

/** A coordinator whose clock is set by hand and whose effects are collected. */
export function bench(over: Partial<RoundRules> = {}) {
  const all = { ...rules, ...over };
  let state: RoundState = initialRoundState({
    round: 0,
    committedRounds: 0,
    version: HASH('0'),
    samplesDone: 0,
    trainedMs: 0,
    phase: 'running',
    leases: createLeaseBook([
      { hash: HASH('a'), count: 1_000 },
      { hash: HASH('b'), count: 1_000 },
    ]),
  });
  let nowMs = 0;
  const feed = (event: RoundEvent): readonly RoundEffect[] => {
    const [next, effects] = reduceRound(state, event, { rules: all, nowMs });
    state = next;
    return effects;
  };
  const say = (peer: string, message: VolunteerMessage) => feed({ type: 'message', peer, message });
  const enter = (peer: string, workers = 1) => {
    feed({ type: 'joined', peer, name: peer });
    return say(peer, {
      type: 'available',
      schemaHash: all.schemaHash,
      version: state.version,
      device: 'test',
      workers,
    });
  };
  return {
    feed,
    say,
    enter,
    state: () => state,
    at: (ms: number) => {
      nowMs = ms;
      return feed({ type: 'tick' });
    },
    /** Time passes, and no tick has come yet. */
    late: (ms: number) => void (nowMs = ms),
    wake: () => nextWakeMs(state, all),
    ready: (peer: string, over: Partial<Extract<VolunteerMessage, { type: 'ready' }>> = {}) =>
      say(peer, {
        type: 'ready',
        round: state.open?.manifest.round ?? 1,
        samples: 20,
        steps: 2,
        loss: 0.5,
        norm: 1,
        trainMs: 100,
        hashes: (state.open?.manifest.parts ?? []).map(() => CONTRIBUTION_HASH),
        meshed: [],
        ...over,
      }),
    reduced: (peer: string, part: number, contributors: string[], { size = 4_100, first = 0 } = {}) =>
      say(peer, {
        type: 'reduced',
        round: state.open?.manifest.round ?? 1,
        part,
        contributors,
        bytes: new Uint8Array(size).fill(first, 0, 1),
      }),
    contribution: (peer: string, part: number, bytes = CONTRIBUTION) =>
      say(peer, { type: 'contribution', round: state.open?.manifest.round ?? 1, part, bytes }),
    committed: () =>
      feed({
        type: 'committed',
        round: state.open?.manifest.round ?? 1,
        version: HASH('1'),
        updates: [HASH('e'), HASH('f')],
      }),
    applied: (peer: string) =>
      say(peer, {
        type: 'applied',
        round: state.round,
        version: state.version,
        meshBytes: 7,
        resynced: false,
      }),
  };
}

export const types = (effects: readonly RoundEffect[]) =>
  effects.map((e) => (e.type === 'send' ? e.message.type : e.type));

/** REPLAY to these, of whom the new owner, if any is, is told this hash of each contributor's piece. */
export const replays = (
  to: readonly string[],
  message: { part: number; owner: string | null },
  hashes: readonly string[] = [],
) =>
  to.map((peer) => ({
    ...{ type: 'send', to: [peer] },
    message: {
      ...{ type: 'replay', round: 1, ...message },
      ...(peer === message.owner && { hashes }),
    },
  }));

/** Two members and these others, in a round of one part each. */
export function opened(others: readonly string[] = []) {
  const all = ['anna', 'bert', ...others];
  const b = bench({ parameters: 4096 * all.length, quorum: all.length });
  for (const peer of all) b.enter(peer);
  return b;
}
