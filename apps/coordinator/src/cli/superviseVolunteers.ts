/** What is left of a child process here. */
export interface VolunteerProcess {
  /** Calls once when it has ended: with a sentence when it failed, without one when the run was over for it. */
  onEnd(call: (sentence: string | undefined) => void): void;
  stop(): void;
  kill(): void;
}

export interface VolunteerHost {
  start(index: number): VolunteerProcess;
  now(): number;
  after(ms: number, call: () => void): () => void;
  onDeath(index: number, sentence: string, restartMs: number): void;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** Who lived that long did not die of its start. */
const HEALTHY_MS = 60_000;
const STOP_MS = 4000;

/** Doubles with every early death in a row: 1, 2, 4 … 30 seconds. */
export const restartDelayMs = (earlyDeaths: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, earlyDeaths - 1));

/** Keeps `count` volunteers running on this machine until the run is over for them. `stop` resolves when all have ended, the stubborn ones killed. */
export function superviseVolunteers(count: number, host: VolunteerHost): { stop(): Promise<void> } {
  let stopping = false;
  const running = new Set<VolunteerProcess>();
  const waiting = new Set<() => void>();
  let allEnded = () => undefined as void;

  const launch = (index: number, earlyDeaths: number): void => {
    const child = host.start(index);
    const startedAt = host.now();
    running.add(child);
    child.onEnd((sentence) => {
      running.delete(child);
      if (stopping) return void (running.size === 0 && allEnded());
      if (sentence === undefined) return;
      const deaths = host.now() - startedAt >= HEALTHY_MS ? 1 : earlyDeaths + 1;
      const delay = restartDelayMs(deaths);
      host.onDeath(index, sentence, delay);
      const cancel = host.after(delay, () => {
        waiting.delete(cancel);
        launch(index, deaths);
      });
      waiting.add(cancel);
    });
  };
  for (let i = 0; i < count; i++) launch(i, 0);

  return {
    stop: async () => {
      stopping = true;
      waiting.forEach((cancel) => cancel());
      if (running.size === 0) return;
      const ended = new Promise<void>((resolve) => (allEnded = resolve));
      running.forEach((child) => child.stop());
      const cancel = host.after(STOP_MS, () => running.forEach((child) => child.kill()));
      await ended;
      cancel();
    },
  };
}
