import { createReassembler, type Reassembler } from '../../protocol/chunks.ts';
import { MAX_PART_BYTES } from '../../protocol/messages.ts';
import type { Link } from '../ports.ts';
import type { LinkState, MeshIdentity, MeshPorts } from '../mesh.ts';
import type { Delivery } from './delivery.ts';
import { createLane, type Lane } from './lane.ts';
import { createUplinkMeter, type UplinkMeter } from './uplinkMeter.ts';

const MOST_OPEN_MESSAGES = 64;
/** Peers that are remembered; of the others only those with a link. */
const MOST_CONTACTS = 64;
/** Relayed frames to one peer that the coordinator has not yet taken on. */
const RELAY_WINDOW_FRAMES = 8;

/** Everything about one peer. */
export interface Contact {
  readonly peer: string;
  link: Link | undefined;
  state: LinkState;
  readonly reassembler: Reassembler;
  /** Resolved when the state is no longer `connecting`. */
  waiting: (() => void)[];
  cancelTimer: () => void;
  triedMs: number;
  /** Whether a link has been confirmed before: then one that is gone broke, and is opened anew. */
  met: boolean;
  /** How often it was opened anew in this round. */
  reopenings: number;
  cancelReopening: () => void;
  /** Messages that the peer has not yet confirmed, by `deliveryKey`. */
  readonly outbox: Map<string, Delivery>;
  readonly relay: Lane;
  /** Answers that are on their way out. */
  answering: number;
}

/** What the parts of a mesh share: who there is, and what was sent. */
export interface Hub {
  readonly ports: MeshPorts;
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Bytes. */
  readonly sent: { mesh: number; relay: number };
  readonly uplink: UplinkMeter;
  identity: MeshIdentity | undefined;
  /** Of the newest round. */
  members: ReadonlySet<string>;
  contactOf(peer: string): Contact;
  settle(contact: Contact, state: LinkState): void;
  /** Gives up what rounds before this one left behind. */
  forgetBefore(round: number): void;
  clear(): void;
}

export function createHub(ports: MeshPorts): Hub {
  const contacts = new Map<string, Contact>();

  function contactOf(peer: string): Contact {
    const known = contacts.get(peer);
    if (known) return known;
    const contact = newContact(ports, peer);
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

  function forgetBefore(round: number): void {
    for (const [peer, contact] of contacts) {
      contact.reassembler.forget(round - 1);
      for (const delivery of contact.outbox.values()) if (delivery.message.round < round) delivery.end();
      const idle = !contact.link && contact.state !== 'connecting';
      if (idle && contacts.size > MOST_CONTACTS) contacts.delete(peer);
    }
  }

  return {
    ports,
    contacts,
    contactOf,
    settle,
    forgetBefore,
    sent: { mesh: 0, relay: 0 },
    uplink: createUplinkMeter(ports.clock),
    identity: undefined,
    members: new Set(),
    clear: () => contacts.clear(),
  };
}

const newContact = (ports: MeshPorts, peer: string): Contact => ({
  peer,
  link: undefined,
  state: 'none',
  reassembler: createReassembler({
    maxBytes: MAX_PART_BYTES,
    maxOpen: MOST_OPEN_MESSAGES,
    maxTotalBytes: 4 * MAX_PART_BYTES,
  }),
  waiting: [],
  cancelTimer: () => undefined,
  triedMs: -Infinity,
  met: false,
  reopenings: 0,
  cancelReopening: () => undefined,
  outbox: new Map(),
  relay: createLane(RELAY_WINDOW_FRAMES, (frame) => ports.relay(peer, frame)),
  answering: 0,
});
