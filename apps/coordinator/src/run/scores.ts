import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RunOptions } from './options.ts';
import type { VersionKeeper } from './versionKeeper.ts';

/** Scores of versions, taken one at a time beside the training, never more than asked for. */
export interface Scores {
  readonly all: readonly ScoreRecord[];
  /** Measures the untrained encoder and raw pixels: what every score is shown beside. */
  begin(untrained: Float32Array): void;
  /** Scores a version when its round is due and the scorer is free. */
  consider(round: number, version: string, params: Float32Array): void;
  /** Scores this version for certain, after what is being scored now. */
  finish(round: number, version: string, params: Float32Array): Promise<ScoreRecord | undefined>;
}

export function createScores(
  options: RunOptions,
  keeper: VersionKeeper,
  earlier: readonly ScoreRecord[],
  onChange: () => void,
): Scores {
  const { scoring, store, observer } = options;
  const all = [...earlier];
  let baselines: Promise<ScoreRecord['baselines']> | undefined;
  let busy: Promise<unknown> | undefined;

  async function take(
    round: number,
    version: string,
    params: Float32Array,
  ): Promise<ScoreRecord | undefined> {
    if (!scoring || !baselines) return undefined;
    const known = all.find((s) => s.version === version);
    if (known) return known;
    const record: ScoreRecord = {
      round,
      version,
      ...(await scoring.score(params)),
      baselines: await baselines,
    };
    keeper.pin(version);
    await store.addScore(record);
    all.push(record);
    observer.score(record);
    onChange();
    return record;
  }

  const fail = (cause: unknown): undefined => {
    observer.alert('warning', `A version could not be scored: ${sentenceOf(cause)}`);
    return undefined;
  };

  function queue(work: () => Promise<ScoreRecord | undefined>): Promise<ScoreRecord | undefined> {
    const queued = (busy ?? Promise.resolve()).then(work).catch(fail);
    busy = queued;
    void queued.then(() => {
      if (busy === queued) busy = undefined;
    });
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
      const due = options.scoreEvery > 0 && round % options.scoreEvery === 0;
      if (scoring && due && !busy) void queue(() => take(round, version, params));
    },
    async finish(round, version, params) {
      if (options.noScores !== null) observer.noScores(round, options.noScores);
      return queue(() => take(round, version, params));
    },
  };
}

export const sentenceOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
