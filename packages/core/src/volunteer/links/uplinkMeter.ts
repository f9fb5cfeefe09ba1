import type { Clock } from '../ports.ts';

/** Less than this says nothing: buffers take it at once. */
const LEAST_BYTES = 64 * 1024;
const LEAST_MS = 10;

/** What a machine's links carry together, measured over the time in which anything was on its way (RD11). */
export interface UplinkMeter {
  /** A message sets out. */
  begin(): void;
  /** It has arrived, by the word of its receiver, or `bytes` is 0: it was given up. */
  end(bytes: number): void;
  /** Bytes per second since the last time that this was asked; undefined when too little was sent to say. */
  take(): number | undefined;
}

export function createUplinkMeter(clock: Pick<Clock, 'now'>): UplinkMeter {
  let onTheirWay = 0;
  let sinceMs = 0;
  let busyMs = 0;
  let bytes = 0;

  function pause(): void {
    if (onTheirWay > 0) busyMs += clock.now() - sinceMs;
    sinceMs = clock.now();
  }

  return {
    begin() {
      pause();
      onTheirWay++;
    },
    end(arrived) {
      pause();
      onTheirWay--;
      bytes += arrived;
    },
    take() {
      pause();
      const [sent, ms] = [bytes, busyMs];
      bytes = 0;
      busyMs = 0;
      return sent >= LEAST_BYTES && ms >= LEAST_MS ? (1e3 * sent) / ms : undefined;
    },
  };
}
