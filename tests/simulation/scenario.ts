import { CODEC_NAMES, type CodecName } from '@murmur/core/codec/registry';
import type { WantedCodec } from '@murmur/core/round/ladder';
import { fold, integer, key as makeKey, uniformStream, type Key } from '@murmur/core/random/key';

/** How a volunteer lies. The first five change what it contributes, which shows where it is trained again (AG6); until then rules average it out. */
export const LIES = [
  'sign-flip',
  'scaled',
  'noise',
  'alie',
  'inner-product',
  'wrong-hash',
  'wrong-reduce',
  'false-bitmap',
  'replay',
  'equivocate',
  'garbage',
  'mute',
] as const;
export type Lie = (typeof LIES)[number];

/** A check or a wait that is taken out of the system, to see that the simulator would notice. */
export const PLANTED = ['hash-check', 'backup', 'bitmap', 'deadline', 'spot-checks'] as const;
export type Planted = (typeof PLANTED)[number];

export interface Scenario {
  readonly seed: number;
  readonly key: Key;
  /** `storm`: everything fails at once; `churn`: a fifth of the members vanish in every round; `liars`: a quarter lie. */
  readonly kind: 'storm' | 'churn' | 'liars';
  readonly volunteers: number;
  /** Chance that a member vanishes in a round, at a moment of its own. */
  readonly churn: number;
  /** Of those who vanish, how many the coordinator does not see go. */
  readonly silentDeaths: number;
  /** Chance that a member hangs in a round, and comes back. */
  readonly stalls: number;
  /** Chance that a message between volunteers gets lost, in a storm that one with the coordinator does. */
  readonly drop: number;
  readonly controlDrop: number;
  readonly duplicate: number;
  readonly mostDelayMs: number;
  /** Chance that two volunteers cannot reach each other directly. */
  readonly blockedPairs: number;
  /** Chance in five seconds that the coordinator is killed and started again. */
  readonly restarts: number;
  readonly codec: WantedCodec;
  readonly liars: ReadonlyMap<number, Lie>;
  readonly stormyMs: number;
  readonly planted: Planted | undefined;
  /** Machines and links that are all alike, and as many inner steps as the coordinator chooses; undefined where each is another. */
  readonly steady: Steady | undefined;
}

export interface Steady {
  /** Of one inner step. */
  readonly stepMs: number;
  /** Bytes per second. */
  readonly uplink: number;
}

const KINDS = ['storm', 'churn', 'liars'] as const;

/** Of so many seeds one leaves the codec to the coordinator: of all kinds of run, since neither number divides the other. */
const [AUTO_EVERY, AUTO_AT] = [11, 5];

const codecOfSeed = (seed: number): CodecName =>
  CODEC_NAMES[Math.floor(seed / KINDS.length) % CODEC_NAMES.length] as CodecName;

/** Everything about a run but its course. */
export function scenarioOf(seed: number, planted?: Planted): Scenario {
  const key = makeKey(seed);
  const random = uniformStream(fold(key, 'scenario'));
  const kind = KINDS[seed % KINDS.length] as Scenario['kind'];
  const storm = kind === 'storm';
  const few = (storm ? 2 : 4) + Math.floor(random() * 5);
  const volunteers = crowdOf(fold(key, 'crowd')) ?? few;
  return {
    ...{ seed, key, kind, volunteers, planted, steady: undefined },
    codec: seed % AUTO_EVERY === AUTO_AT ? 'auto' : codecOfSeed(seed),
    churn: { storm: 0.15 * random(), churn: 0.2, liars: 0.02 }[kind],
    silentDeaths: storm ? 0.3 : 0.1,
    stalls: storm ? 0.05 : 0.02,
    drop: storm ? 0.08 * random() : 0,
    controlDrop: storm ? 0.05 * random() : 0,
    duplicate: 0.1 * random(),
    mostDelayMs: storm ? 20 + 600 * random() : 10 + 100 * random(),
    blockedPairs: 0.2 * random(),
    restarts: storm ? 0.15 : 0.02,
    liars: kind === 'liars' ? drawLiars(fold(key, 'liars'), volunteers) : new Map(),
    stormyMs: storm ? 20_000 : 30_000,
  };
}

/** In one run of fifty more than one group holds: two or three groups. */
function crowdOf(key: Key): number | undefined {
  const random = uniformStream(key);
  return random() < 0.02 ? 17 + Math.floor(random() * 24) : undefined;
}

/** A quarter of the volunteers, at least one, all of one kind or each of its own. */
function drawLiars(key: Key, volunteers: number): Map<number, Lie> {
  const count = Math.max(1, Math.floor(volunteers / 4));
  const first = integer(fold(key, 'who'), volunteers);
  return new Map(
    Array.from({ length: count }, (_, i) => [
      (first + i) % volunteers,
      LIES[integer(fold(key, i), LIES.length)] as Lie,
    ]),
  );
}
