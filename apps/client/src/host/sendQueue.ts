import type { Clock } from '@murmur/core/volunteer/ports';

/** Buffered bytes above which sending pauses, and below which it goes on (LK3). */
export const PAUSE_ABOVE_BYTES = 1024 * 1024;
export const RESUME_BELOW_BYTES = 256 * 1024;
/** How often the buffer is looked at where the channel cannot tell that it has drained. */
const POLL_MS = 4;

/** What is needed of a data channel; `bufferedAmountLowThreshold` is missing where it cannot tell that it drained. */
export interface BufferedChannel extends EventTarget {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold?: number | undefined;
}

/** What is needed of a simple-peer: `_channel` is its data channel, private only by its name. */
export interface ChannelOwner {
  readonly _channel?: BufferedChannel | null;
  send(bytes: Uint8Array): void;
}

/** Sends in order, one message at a time, and never fills the channel's buffer. */
export interface SendQueue {
  /** Resolves once the bytes are handed over and the buffer has room; rejects when the queue is closed. */
  send(bytes: Uint8Array): Promise<void>;
  /** Everything that waits is rejected with this cause. */
  close(cause: string): void;
}

export function createSendQueue(owner: ChannelOwner, clock: Clock): SendQueue {
  const closing = new AbortController();
  let tail: Promise<void> = Promise.resolve();

  async function sendNow(bytes: Uint8Array): Promise<void> {
    closing.signal.throwIfAborted();
    owner.send(bytes);
    const channel = owner._channel;
    if (channel && channel.bufferedAmount > PAUSE_ABOVE_BYTES) await drained(channel, clock, closing.signal);
  }

  return {
    send(bytes) {
      const sent = tail.then(() => sendNow(bytes));
      // The sender of a message is told of its failure; the ones after it fail for themselves.
      tail = sent.catch(() => undefined);
      return sent;
    },
    close: (cause) => closing.abort(new Error(`The link is gone: ${cause}.`)),
  };
}

/** Resolves when the channel's buffer is below the mark; rejects when `signal` aborts. */
function drained(channel: BufferedChannel, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopWaiting: () => void = () => undefined;
    const isLow = () => channel.bufferedAmount <= RESUME_BELOW_BYTES;
    const finish = (settle: () => void) => () => {
      stopWaiting();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const done = finish(resolve);
    const onAbort = finish(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort);
    if (typeof channel.bufferedAmountLowThreshold === 'number') {
      channel.bufferedAmountLowThreshold = RESUME_BELOW_BYTES;
      channel.addEventListener('bufferedamountlow', done);
      stopWaiting = () => channel.removeEventListener('bufferedamountlow', done);
      if (isLow()) done();
      return;
    }
    const look = () => (isLow() ? done() : (stopWaiting = clock.after(POLL_MS, look)));
    look();
  });
}
