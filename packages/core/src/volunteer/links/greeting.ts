import type { Link } from '../ports.ts';
import type { Contact, Hub } from './contact.ts';
import { createOpening, RETRY_AFTER_MS, type LinkEvents } from './opening.ts';

/** Decides who opens links to whom, and lets both ends confirm them (LK1, RD6). */
export interface Greeting {
  meet(peers: readonly string[]): void;
  signal(from: string, data: string): void;
  hello(contact: Contact, link: Link | undefined): void;
  confirm(contact: Contact, link: Link | undefined): void;
  close(): void;
}

export function createGreeting(hub: Hub, events: LinkEvents): Greeting {
  const { ports, settle } = hub;
  const { begins, expect, open, reopenSoon, greet } = createOpening(hub, events);

  /** Replaces the link by one that the other end has begun. */
  function accept(contact: Contact, offer: string): void {
    const old = contact.link;
    const broke = contact.state === 'mesh';
    contact.link = undefined;
    contact.cancelReopening();
    old?.close();
    if (contact.state === 'none') expect(contact);
    if (broke) {
      settle(contact, 'relayed');
      events.onBroken(contact);
    }
    open(contact, false).signal(offer);
  }

  return {
    meet(peers) {
      for (const contact of peers.map(hub.contactOf)) {
        contact.reopenings = 0;
        if (contact.link && contact.state !== 'none') continue;
        const due = contact.met || ports.clock.now() >= contact.triedMs + RETRY_AFTER_MS;
        if (contact.state === 'relayed' && !due) continue;
        // A relayed pair stays relayed until both ends have confirmed a new link: nobody waits for it again.
        if (contact.state !== 'relayed') expect(contact);
        if (begins(contact)) open(contact, true);
      }
    },
    signal(from, data) {
      const contact = hub.contactOf(from);
      if (data.includes('"offer"')) accept(contact, data);
      else contact.link?.signal(data);
    },
    hello(contact, link) {
      if (link) greet(link, 'helloAck');
      else if (contact.state === 'mesh') contact.link?.close();
      else if (begins(contact) && !contact.link) reopenSoon(contact);
    },
    confirm(contact, link) {
      if (!link || link !== contact.link) return;
      contact.met = true;
      settle(contact, 'mesh');
    },
    close() {
      for (const contact of hub.contacts.values()) {
        contact.cancelTimer();
        contact.cancelReopening();
        const { link } = contact;
        contact.link = undefined;
        link?.close();
        for (const delivery of [...contact.outbox.values()]) delivery.end();
        settle(contact, 'none');
      }
      hub.clear();
    },
  };
}
