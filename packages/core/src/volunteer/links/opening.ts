import { frameOf } from '../../protocol/chunks.ts';
import type { TalkKind } from '../../protocol/frames.ts';
import type { Link } from '../ports.ts';
import type { Contact, Hub } from './contact.ts';

/** A link that is not confirmed by both ends in this time is replaced by the relay (LK1). */
const RELAY_AFTER_MS = 6_000;
/** A relayed pair tries to connect again after this, without keeping anybody waiting; what has not opened by then is closed. */
export const RETRY_AFTER_MS = 30_000;
/** A link that broke is opened anew after this, as often as there are numbers here, in each round. */
const REOPEN_AFTER_MS = [0, 1_000, 4_000];
/** Whoever does not begin links gives the other end so long to notice by itself that it is gone. */
const NOTICE_MS = 1_000;

/** What happens on links, besides opening and closing. */
export interface LinkEvents {
  onFrame(contact: Contact, frame: Uint8Array, link: Link): void;
  /** A link that carried messages is gone. */
  onBroken(contact: Contact): void;
}

/** Opens links, and opens those anew that broke (LK1). */
export interface Opening {
  /** Whether this end begins: the peer with the smaller name does. */
  begins(contact: Contact): boolean;
  /** Waits for a link, and no longer than the rule says. */
  expect(contact: Contact): void;
  open(contact: Contact, initiator: boolean): Link;
  /** The relay serves meanwhile. What never opened is left to `meet`: it is no accident. */
  reopenSoon(contact: Contact): void;
  greet(link: Link, kind: TalkKind): void;
}

export function createOpening(hub: Hub, events: LinkEvents): Opening {
  const { ports, settle } = hub;
  const begins = ({ peer }: Contact): boolean => (hub.identity?.self ?? '') < peer;
  const greetingOf = (kind: TalkKind): Uint8Array =>
    frameOf({ kind, run: hub.identity?.runTag ?? 0, round: 0, part: 0, bytes: new Uint8Array() }, 0);

  function greet(link: Link, kind: TalkKind): void {
    // A link that closes while greeting reports that through onClosed.
    link
      .send(greetingOf(kind))
      .catch((cause: unknown) => ports.log(`A greeting was not sent: ${String(cause)}`));
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

  function open(contact: Contact, initiator: boolean): Link {
    const link: Link = ports.links.open(
      { initiator, iceServers: hub.identity?.iceServers ?? [] },
      {
        onOpen: () => greet(link, 'hello'),
        onSignal: (data) => ports.signal(contact.peer, data),
        onMessage: (frame) => events.onFrame(contact, frame, link),
        onClosed: () => {
          cancel();
          lose(contact, link);
        },
      },
    );
    contact.link = link;
    contact.triedMs = ports.clock.now();
    const cancel = ports.clock.after(RETRY_AFTER_MS, () => {
      if (contact.link === link && contact.state !== 'mesh') link.close();
    });
    return link;
  }

  function lose(contact: Contact, link: Link | undefined): void {
    if (contact.link !== link) return;
    const broke = contact.state === 'mesh';
    contact.link = undefined;
    settle(contact, 'relayed');
    if (broke) events.onBroken(contact);
    reopenSoon(contact);
  }

  function reopenSoon(contact: Contact): void {
    const delayMs = REOPEN_AFTER_MS[contact.reopenings];
    if (!contact.met || delayMs === undefined || !hub.members.has(contact.peer)) return;
    contact.reopenings++;
    contact.cancelReopening();
    contact.cancelReopening = ports.clock.after(begins(contact) ? delayMs : delayMs + NOTICE_MS, () =>
      reopen(contact),
    );
  }

  function reopen(contact: Contact): void {
    if (contact.link) return;
    if (begins(contact)) open(contact, true);
    // A greeting outside of a link says that the link is gone on this side.
    else ports.relay(contact.peer, greetingOf('hello')).catch(() => reopenSoon(contact));
  }

  return { begins, expect, open, reopenSoon, greet };
}
