import { createReassembler, splitPayload, type Reassembler } from '../protocol/chunks.ts';
import { MAX_PART_BYTES } from '../protocol/messages.ts';
import type { FrameKind } from '../protocol/frames.ts';
import type { Clock, IceServer, Link, LinkPort } from './ports.ts';

/** A link that is not confirmed by both ends in this time is replaced by the relay (LK1). */
const RELAY_AFTER_MS = 6_000;
/** A relayed pair tries to connect again after this, without keeping anybody waiting. */
const RETRY_AFTER_MS = 30_000;
/** A link over which not one frame goes in this time is given up, though it seems open: its other end may be frozen. */
const STALLED_AFTER_MS = 20_000;
const MOST_OPEN_MESSAGES = 64;
/** Peers that are remembered; of the others only those with a link. */
const MOST_CONTACTS = 64;

export interface Payload {
  readonly from: string;
  readonly kind: FrameKind;
  readonly round: number;
  readonly part: number;
  readonly bytes: Uint8Array;
}

export interface MeshPorts {
  readonly clock: Clock;
  readonly links: LinkPort;
  signal(to: string, data: string): void;
  relay(to: string, frame: Uint8Array): void;
  onPayload(payload: Payload): void;
  onChange(): void;
  log(sentence: string): void;
}

export interface MeshIdentity {
  readonly self: string;
  readonly runTag: number;
  readonly iceServers: readonly IceServer[];
}

export type LinkState = 'connecting' | 'mesh' | 'relayed' | 'none';

/** All direct connections of one volunteer, with the relay in place of those that do not open. */
export interface Mesh {
  identify(identity: MeshIdentity): void;
  /** Opens links to these peers where there are none; forgets what is left of the rounds before this one. */
  meet(peers: readonly string[], round: number): void;
  signal(from: string, data: string): void;
  relayed(from: string, frame: Uint8Array): void;
  /** Resolves once the bytes are handed to the network, directly or relayed. Never rejects. */
  transmit(to: string, message: Omit<Payload, 'from'>): Promise<void>;
  state(peer: string): LinkState;
  /** Bytes sent so far. */
  traffic(): { readonly mesh: number; readonly relay: number };
  close(): void;
}

interface Contact {
  readonly peer: string;
  link: Link | undefined;
  state: LinkState;
  readonly reassembler: Reassembler;
  /** Resolved when the state is no longer `connecting`. */
  waiting: (() => void)[];
  cancelTimer: () => void;
  triedMs: number;
}

export function createMesh(ports: MeshPorts): Mesh {
  const contacts = new Map<string, Contact>();
  const sent = { mesh: 0, relay: 0 };
  let identity: MeshIdentity | undefined;

  function contactOf(peer: string): Contact {
    const known = contacts.get(peer);
    if (known) return known;
    const reassembler = createReassembler({
      maxBytes: MAX_PART_BYTES,
      maxOpen: MOST_OPEN_MESSAGES,
      maxTotalBytes: 4 * MAX_PART_BYTES,
    });
    const contact: Contact = {
      peer,
      link: undefined,
      state: 'none',
      reassembler,
      waiting: [],
      cancelTimer: () => undefined,
      triedMs: -Infinity,
    };
    contacts.set(peer, contact);
    return contact;
  }

  function settle(contact: Contact, state: LinkState): void {
    contact.state = state;
    if (state !== 'connecting') {
      contact.cancelTimer();
      for (const proceed of contact.waiting.splice(0)) proceed();
    }
    ports.onChange();
  }

  function expect(contact: Contact): void {
    contact.cancelTimer();
    settle(contact, 'connecting');
    contact.cancelTimer = ports.clock.after(RELAY_AFTER_MS, () => {
      ports.log(
        `The direct link to ${contact.peer} did not open in ${RELAY_AFTER_MS / 1e3} s: its data go through the coordinator.`,
      );
      settle(contact, 'relayed');
    });
  }

  function forgetBefore(round: number): void {
    for (const [peer, contact] of contacts) {
      contact.reassembler.forget(round - 1);
      const idle = !contact.link && contact.state !== 'connecting';
      if (idle && contacts.size > MOST_CONTACTS) contacts.delete(peer);
    }
  }

  function greet(link: Link, kind: FrameKind): void {
    const [frame] = splitPayload(kind, identity?.runTag ?? 0, 0, 0, new Uint8Array());
    // A link that closes while greeting reports that through onClosed.
    if (frame)
      link.send(frame).catch((cause: unknown) => ports.log(`A greeting was not sent: ${String(cause)}`));
  }

  function openLink(contact: Contact, initiator: boolean): Link {
    const link: Link = ports.links.open(
      { initiator, iceServers: identity?.iceServers ?? [] },
      {
        onOpen: () => greet(link, 'hello'),
        onSignal: (data) => ports.signal(contact.peer, data),
        onMessage: (frame) => take(contact, frame, link),
        onClosed: () => {
          if (contact.link !== link) return;
          contact.link = undefined;
          settle(contact, contact.state === 'mesh' ? 'none' : 'relayed');
        },
      },
    );
    contact.link = link;
    contact.triedMs = ports.clock.now();
    return link;
  }

  function take(contact: Contact, frame: Uint8Array, link: Link | undefined): void {
    const result = contact.reassembler.push(frame);
    if (!result) return;
    if (result.kind === 'refused')
      return ports.log(`A frame from ${contact.peer} was dropped: ${result.detail}.`);
    const { kind, run, round, part, bytes } = result.message;
    if (run !== identity?.runTag)
      return ports.log(`A frame from ${contact.peer} belongs to another run and was dropped.`);
    if (kind === 'hello') {
      if (link) greet(link, 'helloAck');
    } else if (kind === 'helloAck') {
      if (link && link === contact.link) settle(contact, 'mesh');
    } else ports.onPayload({ from: contact.peer, kind, round, part, bytes });
  }

  async function sendDirect(contact: Contact, frames: readonly Uint8Array[]): Promise<boolean> {
    for (const frame of frames) {
      const { link } = contact;
      if (!link || contact.state !== 'mesh') return false;
      const cancel = ports.clock.after(STALLED_AFTER_MS, () => link.close());
      try {
        await link.send(frame);
      } catch (cause) {
        ports.log(`The link to ${contact.peer} broke: ${String(cause)}`);
        return false;
      } finally {
        cancel();
      }
      sent.mesh += frame.byteLength;
    }
    return true;
  }

  function sendRelayed(contact: Contact, frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      ports.relay(contact.peer, frame);
      sent.relay += frame.byteLength;
    }
  }

  function close(): void {
    for (const contact of contacts.values()) {
      contact.cancelTimer();
      const { link } = contact;
      contact.link = undefined;
      link?.close();
      settle(contact, 'none');
    }
    contacts.clear();
  }

  return {
    identify(next) {
      // Under another name nobody knows these links any more: the coordinator was started again.
      if (identity && identity.self !== next.self) close();
      identity = next;
    },
    meet(peers, round) {
      const self = identity?.self ?? '';
      forgetBefore(round);
      for (const contact of peers.map(contactOf)) {
        if (contact.link && contact.state !== 'none') continue;
        const due = ports.clock.now() >= contact.triedMs + RETRY_AFTER_MS;
        if (contact.state === 'relayed' && !due) continue;
        // A relayed pair stays relayed until both ends have confirmed a new link: nobody waits for it again.
        if (contact.state !== 'relayed') expect(contact);
        if (self < contact.peer) openLink(contact, true);
      }
    },
    signal(from, data) {
      const contact = contactOf(from);
      const offer = data.includes('"offer"');
      if (offer || !contact.link) {
        // A second offer means that the other end has begun anew.
        const old = contact.link;
        contact.link = undefined;
        old?.close();
        if (!offer) return;
        if (contact.state === 'none' || contact.state === 'mesh') expect(contact);
        openLink(contact, false).signal(data);
      } else contact.link.signal(data);
    },
    relayed: (from, frame) => take(contactOf(from), frame, undefined),
    async transmit(to, { kind, round, part, bytes }) {
      const contact = contactOf(to);
      if (contact.state === 'connecting') await new Promise<void>((proceed) => contact.waiting.push(proceed));
      const frames = splitPayload(kind, identity?.runTag ?? 0, round, part, bytes);
      if (!(await sendDirect(contact, frames))) sendRelayed(contact, frames);
    },
    state: (peer) => contacts.get(peer)?.state ?? 'none',
    traffic: () => ({ ...sent }),
    close,
  };
}
