/** What a rehearsal is asked, and what it tells. */
import type { OuterOptions } from '../aggregate/outerStep.ts';
import type { WantedRule } from '../aggregate/rules.ts';
import type { Codec } from '../codec/codec.ts';
import type { EngineTrainer } from '../engine/engine.ts';
import type { ShardStore } from '../engine/shardStore.ts';
import type { BatchRule } from '../round/plan.ts';
import type { Attackers } from './attacks.ts';

export interface RehearsalPlan {
  readonly volunteers: number;
  /** Stops with the round in which so many have been trained on. */
  readonly samples: number;
  /** Cut anew where somebody is excluded. */
  readonly batch: BatchRule;
  /** Local steps a round. */
  readonly innerSteps: number;
  /**
   * Share of these that is done while the round before is exchanged, from where the volunteer stood: what comes of it is
   * carried into the round (RD5). 0: none.
   */
  readonly overlap: number;
  readonly optimizer: 'adamw' | 'sgd';
  /** Of the share of the samples that is done, 0 to 1. */
  learningRateAt(progress: number): number;
  readonly codec: Codec;
  readonly aggregate: WantedRule;
  readonly outer: OuterOptions;
  readonly seed: number;
  /** The last of the volunteers; none where it is left out. */
  readonly attackers?: Attackers | undefined;
  /**
   * Share of the time in which contributions are trained again by somebody as fast as a volunteer, and whoever lies is excluded
   * (AG6). 0: none.
   */
  readonly spotChecks: number;
}

export interface RehearsalHost {
  /** One for each volunteer, since each keeps its own moments. */
  makeTrainer(): Promise<EngineTrainer>;
  /** Must hold every shard that is named here. */
  readonly shards: Pick<ShardStore, 'get'> & {
    readonly entries: readonly { readonly hash: string; readonly count: number }[];
  };
  /** After each round; it may wait for other work of the thread. */
  onRound(facts: RehearsalProgress): Promise<void>;
}

export interface RehearsalProgress {
  readonly rounds: number;
  readonly samples: number;
  /** Mean over the contributions of the newest round. */
  readonly loss: number;
}

export interface Rehearsed extends RehearsalProgress {
  readonly params: Float32Array;
  /** What each volunteer has sent to others in all, on average: contributions less its own part, updates of that part. */
  readonly uploadBytes: number;
  /** Whose work a check found not to be what it had trained, by name; attackers have the last names. */
  readonly excluded: readonly string[];
}
