import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { Maps } from './maps.ts';
import type { RunOptions } from './options.ts';
import type { VersionKeeper } from './versionKeeper.ts';

/** Scoring on schedule takes at most this share of the time: it runs on the cores that train. */
const MOST_SCORING_SHARE = 1 / 6;

/** Scores of versions, taken one at a time beside the training, never more than asked for. */
export interface Scores {
  readonly all: readonly ScoreRecord[];
  /** Measures the untrained encoder and raw pixels: what every score is shown beside. */
  begin(untrained: Float32Array): void;
  /** Scores a version when its round is due, the scorer is free and scoring has not taken too much time yet. */
  consider(round: number, version: string, params: Float32Array): void;
  /** Scores this version for certain, after what is being scored now. Rejects with the scorer's sentence. */
  finish(round: number, version: string, params: Float32Array): Promise<ScoreRecord | undefined>;
}

export function createScores(
  options: Pick<RunOptions, 'scoring' | 'store' | 'observer' | 'clock' | 'scoreEvery' | 'noScores'>,
  keeper: Pick<VersionKeeper, 'pin'>,
  earlier: readonly ScoreRecord[],
  onChange: () => void,
  maps?: Pick<Maps, 'take'>,
): Scores {
  const { scoring, store, observer, clock } = options;
  const all = [...earlier];
  let baselines: Promise<ScoreRecord['baselines']> | undefined;
  let busy: Promise<unknown> | undefined;
  let nextMs = -Infinity;
  const announced = new Set<string>();

  async function take(
    round: number,
    version: string,
    params: Float32Array,
  ): Promise<ScoreRecord | undefined> {
    if (!scoring || !baselines) return undefined;
    const known = all.find((s) => s.version === version);
    if (known) return announce(known);
    // Before, not after: scoring may outlast the rounds for which a version is kept.
    keeper.pin(version);
    const record: ScoreRecord = {
      round,
      version,
      ...(await scoring.score(params)),
      baselines: await baselines,
    };
    await store.addScore(record);
    all.push(record);
    onChange();
    announce(record);
    const mapSeconds = (await maps?.take(round, version, params)) ?? 0;
    // What the scorer needed for it: waiting for the baselines does not count.
    nextMs = clock.now() + (record.seconds + mapSeconds) * 1_000 * (1 / MOST_SCORING_SHARE - 1);
    return record;
  }

  /** Each score once, also one that an earlier start of this run has taken. */
  function announce(record: ScoreRecord): ScoreRecord {
    if (!announced.has(record.version)) observer.score(record);
    announced.add(record.version);
    return record;
  }

  const fail = (cause: unknown): undefined => {
    observer.alert('warning', `A version could not be scored: ${sentenceOf(cause)}`);
    return undefined;
  };

  function queue(work: () => Promise<ScoreRecord | undefined>): Promise<ScoreRecord | undefined> {
    const queued = (busy ?? Promise.resolve()).then(work);
    const settled = queued
      .catch(() => undefined)
      .then(() => {
        if (busy === settled) busy = undefined;
      });
    busy = settled;
    return queued;
  }

  return {
    all,
    begin(untrained) {
      if (!scoring) return;
      baselines = scoring.baselines(untrained);
      // Whoever scores meets the failure; without this it would count as unhandled before that.
      baselines.catch(fail);
    },
    consider(round, version, params) {
      const due = options.scoreEvery > 0 && round % options.scoreEvery === 0 && clock.now() >= nextMs;
      if (scoring && due && !busy) void queue(() => take(round, version, params)).catch(fail);
    },
    async finish(round, version, params) {
      if (options.noScores !== null) observer.noScores(round, options.noScores);
      return queue(() => take(round, version, params));
    },
  };
}

export const sentenceOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
