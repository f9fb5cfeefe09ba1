import type { Clock } from '../ports.ts';
import { frameCount } from '../../protocol/frames.ts';
import { missingFrames } from '../../protocol/have.ts';
import type { Payload } from '../mesh.ts';

/** What was handed over is asked about when nothing has confirmed it in this time. */
const CONFIRM_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 3_000;
/** A peer that never has what was sent, or never answers, is not sent to for ever. */
const MOST_ASKS = 6;

export type Outgoing = Omit<Payload, 'from'>;

export const deliveryKey = ({ kind, round, part }: Omit<Outgoing, 'bytes'>): string =>
  `${kind}/${round}/${part}`;

/** One message on its way to one peer, kept until that peer says that it has it, or its round is over (LK5). */
export interface Delivery {
  readonly message: Outgoing;
  /** The next frame to be handed over; undefined when all were. */
  next(): number | undefined;
  handedOver(sequence: number): void;
  /** Frames that were handed over may be lost: the peer is to be asked. */
  doubt(): void;
  isDoubtful(): boolean;
  /** Begins to ask. False when the peer was asked often enough; else resolves once there is an answer, or none in time. */
  ask(): { answered: Promise<void> } | false;
  /** Takes what the peer says to have. False when it cannot be: the bits are those of another message. */
  take(received: Uint8Array): boolean;
  /** Calls once when nothing has confirmed the message in time. */
  expectConfirmation(call: () => void): void;
  /** Confirmed, given up or superseded. */
  end(): void;
  hasEnded(): boolean;
  /** Whether the peer has said that it has all of it. */
  wasConfirmed(): boolean;
}

export function createDelivery(message: Outgoing, clock: Clock, onEnd: () => void): Delivery {
  const count = frameCount(message.bytes.byteLength);
  let pending = new Set(Array.from({ length: count }, (_, sequence) => sequence));
  let doubtful = false;
  let ended = false;
  let confirmed = false;
  let asks = 0;
  let answer: (() => void) | undefined;
  let cancelTimer: () => void = () => undefined;

  /** Whoever waits for an answer waits no more. */
  function wake(): void {
    cancelTimer();
    answer?.();
    answer = undefined;
  }

  function doubt(): void {
    doubtful = true;
    wake();
  }

  function end(): void {
    if (ended) return;
    ended = true;
    wake();
    onEnd();
  }

  return {
    message,
    next: () => pending.values().next().value,
    handedOver: (sequence) => void pending.delete(sequence),
    doubt,
    isDoubtful: () => doubtful,
    ask() {
      if (asks++ >= MOST_ASKS) return false;
      doubtful = false;
      wake();
      const answered = new Promise<void>((resolve) => (answer = resolve));
      cancelTimer = clock.after(ANSWER_WITHIN_MS, doubt);
      return { answered };
    },
    take(received) {
      const missing = missingFrames(received, count);
      if (missing?.length === 0) {
        confirmed = true;
        end();
      }
      // What is said without being asked is a confirmation or nothing: it must not bring frames back.
      else if (missing && answer) {
        pending = new Set(missing);
        wake();
      }
      return missing !== undefined;
    },
    expectConfirmation(call) {
      cancelTimer();
      cancelTimer = clock.after(CONFIRM_WITHIN_MS, call);
    },
    end,
    hasEnded: () => ended,
    wasConfirmed: () => confirmed,
  };
}
