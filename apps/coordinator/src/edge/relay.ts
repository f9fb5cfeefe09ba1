/**
 * The relay between volunteers without a link (LK6): as fast as the limits allow and the receiver reads. A frame is
 * acknowledged when the next may follow, so that a sender that waits for it loses nothing; one that does not is dropped
 * from a bound on, counted and told of.
 */
import type { Send } from '../run/ports.ts';
import { addressOf, type Incoming } from './incoming.ts';
import type { SocketEdge } from './sockets.ts';
import { fullBucket, spend } from './tokenBucket.ts';

/** Relay frames that a volunteer's socket has not handed on, from which on their senders wait. */
const PAUSE_FROM_FRAMES = 16;
const MIB = 1024 * 1024;

/** Sends to this volunteer; relay frames only while its socket hands on what it is given, or one that stalls would fill the memory. */
export function createSender(socket: Incoming, edge: SocketEdge): Send {
  const { counts, limits } = edge;
  let waiting = 0;
  let said = false;
  const paused: (() => void)[] = [];
  const release = () => {
    waiting = 0;
    for (const proceed of paused.splice(0)) proceed();
  };
  socket.conn.on('drain', release);
  socket.on('disconnect', release);

  function drop(bytes: number): Promise<boolean> {
    counts.relayDropped++;
    counts.relayDroppedBytes += bytes;
    if (!said)
      edge.warn(`A volunteer at ${addressOf(socket)} does not read what is relayed to it: it is dropped.`);
    said = true;
    return Promise.resolve(false);
  }

  return (message) => {
    if (message.type !== 'relay') return void socket.emit('message', message);
    if (waiting >= limits.maxWaitingFrames) return drop(message.frame.byteLength);
    waiting++;
    socket.emit('message', message);
    if (waiting < PAUSE_FROM_FRAMES) return Promise.resolve(true);
    return new Promise((resolve) => paused.push(() => resolve(true)));
  };
}

/** Small frames cost the coordinator work, too, and count as so many bytes. */
const LEAST_BYTES = 8 * 1024;

/**
 * How long the sender of this frame is to wait before its next one, in milliseconds; undefined when this one is dropped,
 * the first of which is told to the operator and, by `refuse`, to the sender.
 */
export function relayPace(
  socket: Incoming,
  edge: SocketEdge,
  refuse: () => void,
): (frame: unknown) => number | undefined {
  const { counts, limits } = edge;
  const rate = limits.relayBytes;
  let bucket = fullBucket(rate, edge.now());
  let said = false;

  function sayOnce(): void {
    if (said) return;
    said = true;
    const limit = `${(rate.perSecond / MIB).toFixed(1)} MiB a second`;
    edge.warn(
      `A volunteer at ${addressOf(socket)} relays more than ${limit} and does not wait: frames are dropped.`,
    );
    refuse();
  }

  return (frame) => {
    const bytes = frame instanceof Uint8Array ? frame.byteLength : 0;
    const [next, waitMs] = spend(bucket, rate, Math.max(LEAST_BYTES, bytes), edge.now());
    bucket = next;
    if (waitMs !== undefined) return waitMs;
    counts.relayDropped++;
    counts.relayDroppedBytes += bytes;
    sayOnce();
    return undefined;
  };
}
