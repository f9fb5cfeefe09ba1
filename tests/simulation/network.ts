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
  /** A message that may be lost, delayed, overtaken or come twice, as the faults say. */
  send(deliver: () => void, drop?: number): void;
  /** A message that arrives once, but late. */
  sendSafely(deliver: () => void): void;
  at(ms: number, deliver: () => void): void;
  chance(share: number): boolean;
  random(): number;
  /** Carries out the next delivery; false when there is none before `untilMs`. */
  step(untilMs: number): boolean;
  calm(): void;
}

const before = (a: Delivery, b: Delivery): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap, earliest delivery first. */
function createQueue() {
  const heap: Delivery[] = [];
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j] as Delivery, heap[i] as Delivery];
  };
  return {
    peek: () => heap[0],
    push(delivery: Delivery): void {
      let i = heap.push(delivery) - 1;
      for (let up = (i - 1) >> 1; i > 0 && before(delivery, heap[up] as Delivery); up = (i - 1) >> 1) {
        swap(i, up);
        i = up;
      }
    },
    pop(): void {
      const last = heap.pop();
      if (!last || heap.length === 0) return;
      heap[0] = last;
      for (let i = 0; ;) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && before(heap[left] as Delivery, heap[least] as Delivery)) least = left;
        if (right < heap.length && before(heap[right] as Delivery, heap[least] as Delivery)) least = right;
        if (least === i) return;
        swap(i, least);
        i = least;
      }
    },
  };
}

export function createNetwork(key: Key, faults: Faults): Network {
  const random = uniformStream(fold(key, 'network'));
  const queue = createQueue();
  let now = 0;
  let order = 0;
  let current = faults;

  function at(atMs: number, deliver: () => void): void {
    queue.push({ atMs: Math.max(now, atMs), order: order++, deliver });
  }
  const later = (deliver: () => void): void => at(now + 1 + random() * current.mostDelayMs, deliver);

  return {
    nowMs: () => now,
    at,
    random,
    chance: (share) => random() < share,
    sendSafely: later,
    send(deliver, drop = current.drop) {
      if (random() < Math.min(drop, current.drop)) return;
      later(deliver);
      if (random() < current.duplicate) later(deliver);
    },
    step(untilMs) {
      const next = queue.peek();
      if (!next || next.atMs > untilMs) return false;
      queue.pop();
      now = next.atMs;
      next.deliver();
      return true;
    },
    calm() {
      current = { drop: 0, duplicate: 0, mostDelayMs: 50 };
    },
  };
}
