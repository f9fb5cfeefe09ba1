import type { WorkKind } from '../protocol/frames.ts';
import { createHub, type Contact } from './links/contact.ts';
import { createGreeting } from './links/greeting.ts';
import { receive, type Receivers } from './links/receiving.ts';
import { createSending } from './links/sending.ts';
import type { Clock, IceServer, Link, LinkPort } from './ports.ts';

export interface Payload {
  readonly from: string;
  readonly kind: WorkKind;
  readonly round: number;
  readonly part: number;
  readonly bytes: Uint8Array;
}

export interface MeshPorts {
  readonly clock: Clock;
  readonly links: LinkPort;
  signal(to: string, data: string): void;
  /** Resolves when the coordinator can take the next frame for this peer; rejects when this one is lost. */
  relay(to: string, frame: Uint8Array): Promise<void>;
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
  /**
   * Resolves once the bytes are handed to the network, directly or relayed. Never rejects. What is lost on the way is
   * sent again until the peer has it or the round is over (LK5).
   */
  transmit(to: string, message: Omit<Payload, 'from'>): Promise<void>;
  state(peer: string): LinkState;
  /** Bytes sent so far. */
  traffic(): { readonly mesh: number; readonly relay: number };
  /** Bytes per second that all links together carried while they were busy, since this was last asked. */
  uplink(): number | undefined;
  close(): void;
}

export function createMesh(ports: MeshPorts): Mesh {
  const hub = createHub(ports);
  const sending = createSending(hub);
  const greeting = createGreeting(hub, { onFrame: take, onBroken: sending.onBroken });
  const receivers: Receivers = { greeting, sending };

  function take(contact: Contact, frame: Uint8Array, link: Link | undefined): void {
    receive(hub, receivers, contact, { frame, link });
  }

  return {
    identify(next) {
      // Under another name nobody knows these links any more: the coordinator was started again.
      if (hub.identity && hub.identity.self !== next.self) greeting.close();
      hub.identity = next;
    },
    meet(peers, round) {
      hub.forgetBefore(round);
      hub.members = new Set(peers);
      greeting.meet(peers);
    },
    signal: greeting.signal,
    relayed: (from, frame) => take(hub.contactOf(from), frame, undefined),
    async transmit(to, message) {
      const contact = hub.contactOf(to);
      if (contact.state === 'connecting') await new Promise<void>((proceed) => contact.waiting.push(proceed));
      await sending.transmit(contact, message);
    },
    state: (peer) => hub.contacts.get(peer)?.state ?? 'none',
    traffic: () => ({ ...hub.sent }),
    uplink: () => hub.uplink.take(),
    close: greeting.close,
  };
}
