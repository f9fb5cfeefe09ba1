import SimplePeer from 'simple-peer/simplepeer.min.js';
import type { Clock, IceServer, Link, LinkHandlers, LinkPort } from '@murmur/core/volunteer/ports';
import { createSendQueue } from './sendQueue.ts';
import type { Instance, Options } from 'simple-peer';

/** A peer greets and then waits for the answer, so a link has no more than a few messages before it is open. */
const MOST_EARLY_MESSAGES = 16;

export interface LinkOptions {
  readonly clock: Clock;
  /** WebRTC of a host that has none of its own: Node. */
  readonly wrtc?: Options['wrtc'];
}

/** Direct connections as simple-peer data channels (LK1), the same in a page and on Node. */
export function createSimplePeerLinks({ clock, wrtc }: LinkOptions): LinkPort {
  return {
    open({ initiator, iceServers }, handlers) {
      try {
        return overPeer(new SimplePeer(peerOptions(initiator, iceServers, wrtc)), handlers, clock);
      } catch (cause) {
        // A browser without WebRTC, or with it forbidden: the volunteer goes on through the relay.
        queueMicrotask(() => handlers.onClosed(sentenceOf(cause)));
        return closedLink;
      }
    },
  };
}

const peerOptions = (
  initiator: boolean,
  iceServers: readonly IceServer[],
  wrtc: Options['wrtc'],
): Options => ({
  initiator,
  trickle: true,
  // One message, one event: without this the stream may join messages.
  objectMode: true,
  // Always given, even empty: the default is a third party's server (LK2).
  config: { iceServers: iceServers.map(asRtcServer) },
  ...(wrtc ? { wrtc } : {}),
});

const asRtcServer = ({ urls, username, credential }: IceServer): RTCIceServer => ({
  urls,
  ...(username === undefined ? {} : { username }),
  ...(credential === undefined ? {} : { credential }),
});

function overPeer(peer: Instance, handlers: LinkHandlers, clock: Clock): Link {
  let state: 'opening' | 'open' | 'closed' = 'opening';
  let cause = 'the other end closed the link';
  const queue = createSendQueue(peer, clock);
  // simple-peer may give the other end's first messages before it says that the link is open.
  const early: Uint8Array[] = [];

  const close = (why: string): void => {
    if (state !== 'closed') cause = why;
    peer.destroy();
  };
  peer.on('signal', (data) => handlers.onSignal(JSON.stringify(data)));
  peer.on('connect', () => {
    state = 'open';
    handlers.onOpen();
    for (const bytes of early.splice(0)) handlers.onMessage(bytes);
  });
  peer.on('data', (data: unknown) => {
    if (!(data instanceof Uint8Array) || state === 'closed') return;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (state === 'open') handlers.onMessage(bytes);
    else if (early.push(bytes) > MOST_EARLY_MESSAGES)
      close('the other end sent too much before the link was open');
  });
  peer.on('error', (error) => (cause = sentenceOf(error)));
  peer.on('close', () => {
    if (state === 'closed') return;
    state = 'closed';
    queue.close(cause);
    handlers.onClosed(cause);
  });

  return {
    signal(data) {
      if (state === 'closed') return;
      try {
        peer.signal(data);
      } catch (error) {
        close(`the other end sent signalling data that cannot be used (${sentenceOf(error)})`);
      }
    },
    send: (bytes) =>
      state === 'open' ? queue.send(bytes) : Promise.reject(new Error(`The link is not open: ${cause}.`)),
    close: () => close('closed here'),
  };
}

const closedLink: Link = {
  signal: () => undefined,
  send: () => Promise.reject(new Error('The link is not open: this host has no WebRTC.')),
  close: () => undefined,
};

const sentenceOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
