/** What share of the time volunteers train, where all links are slow and nothing fails. */
import type { WantedCodec } from '@murmur/core/round/ladder';
import { key as makeKey } from '@murmur/core/random/key';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

export interface UtilisationPlan {
  readonly peers: number;
  readonly codec: WantedCodec;
  /** Of the model that the short vector stands for. */
  readonly parameters: number;
  /** Bits per second up; downloads take no time. */
  readonly uplinkBits: number;
  /** Up to so long is every message on its way, on average half. */
  readonly mostDelayMs: number;
  /** Of one inner step with its batch. */
  readonly stepMs: number;
}

export interface Utilisation extends UtilisationPlan {
  /** Training over all time, 0 to 1, from the first round on that has chosen its own inner steps. */
  readonly utilisation: number;
  readonly innerSteps: number;
  readonly exchangeMs: number;
  readonly rounds: number;
}

/** Of the short vector: enough to be cut evenly among up to 16. */
const PARAMETERS = 16_384;
const ROUNDS = 30;
/** Until then the coordinator learns how long steps and exchanges take. */
const FIRST_ROUNDS = 10;
const MOST_MS = 1e8;

/** Nothing fails. */
export const QUIET = {
  ...{
    seed: 1,
    kind: 'storm' as const,
    churn: 0,
    silentDeaths: 0,
    stalls: 0,
    drop: 0,
    controlDrop: 0,
    duplicate: 0,
  },
  ...{ blockedPairs: 0, restarts: 0, liars: new Map(), stormyMs: 0, planted: undefined },
} satisfies Partial<Scenario>;

/** The vector is short, so the links are slow by as much: what is sent takes as long as the whole would. */
export function utilisationOf(plan: UtilisationPlan): Utilisation {
  const scale = PARAMETERS / plan.parameters;
  const { stepMs, mostDelayMs, peers } = plan;
  const steady = { stepMs, uplink: (plan.uplinkBits / 8) * scale };
  const scenario: Scenario = {
    ...{ ...QUIET, key: makeKey(1), codec: plan.codec, volunteers: peers, mostDelayMs, steady },
  };
  const { coordinator, network } = createWorld(scenario, PARAMETERS);
  while (coordinator.records.length < FIRST_ROUNDS + ROUNDS && network.step(MOST_MS));
  const records = coordinator.records.slice(FIRST_ROUNDS).filter((r) => r.reason === null);
  const mean = (of: (r: (typeof records)[number]) => number) =>
    records.reduce((sum, r) => sum + of(r), 0) / records.length;
  const steps = mean((r) => r.steps);
  const whole =
    records.length === ROUNDS && records.every((r) => r.volunteers === peers && r.missingParts === 0);
  if (!whole) throw new Error(`utilisationOf: expected ${ROUNDS} whole rounds, received ${records.length}`);
  return {
    ...plan,
    utilisation: (steps * stepMs) / mean((r) => r.durationMs),
    innerSteps: steps,
    exchangeMs: mean((r) => r.exchangeMs),
    rounds: records.length,
  };
}
