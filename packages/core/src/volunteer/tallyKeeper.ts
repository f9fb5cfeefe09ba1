import type { RoundRecord } from '../protocol/run.ts';
import { NO_COMPUTE, type ComputeView, type Preview } from './view.ts';
import type { TrainResult } from './ports.ts';
import type { Tally } from './viewOf.ts';

/** Rounds that the curve keeps. */
const MOST_RECORDS = 5_000;

const perSecond = (samples: number, ms: number): number => samples / Math.max(1e-3, ms / 1e3);

/** Counts what a volunteer does, for whoever watches it. */
export interface TallyKeeper {
  current(): Tally;
  beginRound(nowMs: number): void;
  step(progress: { step: number; samples: number }, nowMs: number): void;
  trained(result: TrainResult): void;
  confirmed(): void;
  record(record: RoundRecord): void;
  preview(preview: Preview): void;
  compute(compute: ComputeView): void;
}

export function createTallyKeeper(name: string): TallyKeeper {
  let startedMs = 0;
  let tally: Tally = {
    name,
    step: 0,
    samples: 0,
    samplesPerSecond: 0,
    contributedRounds: 0,
    records: [],
    preview: undefined,
    compute: NO_COMPUTE,
  };
  const update = (changes: Partial<Tally>): void => {
    tally = { ...tally, ...changes };
  };
  return {
    current: () => tally,
    beginRound(nowMs) {
      startedMs = nowMs;
      update({ step: 0 });
    },
    step: ({ step, samples }, nowMs) =>
      update({ step, samplesPerSecond: perSecond(samples, nowMs - startedMs) }),
    trained(result) {
      if (result.kind !== 'trained') return;
      const { samples, trainMs } = result;
      update({ samples: tally.samples + samples, samplesPerSecond: perSecond(samples, trainMs) });
    },
    confirmed: () => update({ contributedRounds: tally.contributedRounds + 1 }),
    record(record) {
      // After a lost connection the log is told again, from an earlier round on.
      const { records } = tally;
      const isNew = (records.at(-1)?.round ?? 0) < record.round;
      const others = isNew ? records : records.filter((r) => r.round < record.round);
      update({ records: [...others, record].slice(-MOST_RECORDS) });
    },
    preview: (preview) => update({ preview }),
    compute: (compute) => update({ compute }),
  };
}
