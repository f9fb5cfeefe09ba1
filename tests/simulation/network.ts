import { fold, uniformStream, type Key } from '@murmur/core/random/key';

export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  readonly mostDelayMs: number;
}

interface Delivery {
  readonly atMs: number;
  readonly order: number;
  readonly deliver: () => void;
}

/** Virtual time: everything that happens later waits here, in a seeded order. */
export interface Network {
  nowMs(): number;
  /** A message that may be lost, delayed or come twice, as the faults say. */
  send(deliver: () => void): void;
  /** A message that arrives once, but late. */
  sendSafely(deliver: () => void): void;
  at(ms: number, deliver: () => void): void;
  chance(share: number): boolean;
  random(): number;
  /** Carries out the next delivery; false when there is none before `untilMs`. */
  step(untilMs: number): boolean;
  calm(): void;
}

export function createNetwork(key: Key, faults: Faults): Network {
  const random = uniformStream(fold(key, 'network'));
  const queue: Delivery[] = [];
  let now = 0;
  let order = 0;
  let current = faults;

  function at(atMs: number, deliver: () => void): void {
    const delivery = { atMs: Math.max(now, atMs), order: order++, deliver };
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = queue[middle] as Delivery;
      if (other.atMs < delivery.atMs || (other.atMs === delivery.atMs && other.order < delivery.order))
        low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, delivery);
  }
  const later = (deliver: () => void): void => at(now + 1 + random() * current.mostDelayMs, deliver);

  return {
    nowMs: () => now,
    at,
    random,
    chance: (share) => random() < share,
    sendSafely: later,
    send(deliver) {
      if (random() < current.drop) return;
      later(deliver);
      if (random() < current.duplicate) later(deliver);
    },
    step(untilMs) {
      const next = queue[0];
      if (!next || next.atMs > untilMs) return false;
      queue.shift();
      now = next.atMs;
      next.deliver();
      return true;
    },
    calm() {
      current = { drop: 0, duplicate: 0, mostDelayMs: 50 };
    },
  };
}
