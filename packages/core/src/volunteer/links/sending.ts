import { frameOf } from '../../protocol/chunks.ts';
import { encodeHave } from '../../protocol/have.ts';
import type { WorkKind } from '../../protocol/frames.ts';
import type { Contact, Hub } from './contact.ts';
import { createDelivery, deliveryKey, type Delivery, type Outgoing } from './delivery.ts';

/** A link over which not one frame goes in this time is given up, though it seems open: its other end may be frozen. */
const STALLED_AFTER_MS = 20_000;
/** Messages kept for one peer until it confirms them. */
const MOST_UNCONFIRMED = 128;
/** Answers on their way to one peer; more questions stay without one, and are asked again. */
const MOST_ANSWERS = 16;

export interface Sending {
  /** Resolves once every frame is handed to the network, over whatever road. Never rejects. */
  transmit(contact: Contact, message: Outgoing): Promise<void>;
  /** The link is gone, and with it what was on its way: goes on from what the peer has. */
  onBroken(contact: Contact): void;
  /** Tells the peer which frames of its message are here, over the link that asked or else the relay. */
  answer(contact: Contact, about: { kind: WorkKind; round: number; part: number }): void;
  /** The peer says what it has of a message. */
  take(contact: Contact, about: { kind: WorkKind; round: number; part: number }, received: Uint8Array): void;
}

/** Sends messages frame by frame, each over the link where there is one and over the relay where there is none (LK5). */
export function createSending(hub: Hub): Sending {
  const { ports, sent } = hub;
  const run = () => hub.identity?.runTag ?? 0;

  async function overLink(contact: Contact, frame: Uint8Array): Promise<boolean> {
    const { link } = contact;
    if (!link) return false;
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
    return true;
  }

  /** Whether the frame was handed over; `onLost` is called when a relayed one did not get to the coordinator. */
  async function hand(contact: Contact, frame: Uint8Array, onLost: () => void): Promise<boolean> {
    if (contact.state === 'mesh') return overLink(contact, frame);
    await contact.relay.send(frame, onLost);
    sent.relay += frame.byteLength;
    return true;
  }

  async function work(contact: Contact, delivery: Delivery): Promise<void> {
    while (!delivery.hasEnded()) {
      if (delivery.isDoubtful()) {
        await inquire(contact, delivery);
        continue;
      }
      const sequence = delivery.next();
      if (sequence === undefined) return delivery.expectConfirmation(() => resume(contact, delivery));
      const frame = frameOf({ ...delivery.message, run: run() }, sequence);
      if (await hand(contact, frame, () => resume(contact, delivery))) delivery.handedOver(sequence);
      else delivery.doubt();
    }
  }

  async function inquire(contact: Contact, delivery: Delivery): Promise<void> {
    const question = delivery.ask();
    const { kind, round, part } = delivery.message;
    if (!question) {
      ports.log(`${contact.peer} did not say that it has its ${kind} of round ${round}: given up.`);
      return delivery.end();
    }
    const bytes = encodeHave({ kind, received: new Uint8Array() });
    const frame = frameOf({ kind: 'ask', run: run(), round, part, bytes }, 0);
    // A question that the relay loses is asked again when no answer has come, so that none is wasted while it is down.
    if (await hand(contact, frame, () => undefined)) await question.answered;
    else delivery.doubt();
  }

  const working = new WeakSet<Delivery>();
  async function begin(contact: Contact, delivery: Delivery): Promise<void> {
    if (working.has(delivery)) return;
    working.add(delivery);
    do await work(contact, delivery);
    while (
      // A doubt may come between the end of the work and this line.
      delivery.isDoubtful() &&
      !delivery.hasEnded()
    );
    working.delete(delivery);
  }

  function resume(contact: Contact, delivery: Delivery): void {
    if (delivery.hasEnded()) return;
    delivery.doubt();
    void begin(contact, delivery);
  }

  return {
    async transmit(contact, message) {
      const key = deliveryKey(message);
      contact.outbox.get(key)?.end();
      hub.uplink.begin();
      const delivery: Delivery = createDelivery(message, ports.clock, () => {
        contact.outbox.delete(key);
        hub.uplink.end(delivery.wasConfirmed() ? message.bytes.byteLength : 0);
      });
      contact.outbox.set(key, delivery);
      for (const oldest of contact.outbox.values()) {
        if (contact.outbox.size <= MOST_UNCONFIRMED) break;
        oldest.end();
      }
      await begin(contact, delivery);
    },
    onBroken(contact) {
      for (const delivery of [...contact.outbox.values()]) resume(contact, delivery);
    },
    answer(contact, { kind, round, part }) {
      if (contact.answering >= MOST_ANSWERS) return;
      contact.answering++;
      const received = contact.reassembler.received({ kind, run: run(), round, part });
      const bytes = encodeHave({ kind, received });
      const frame = frameOf({ kind: 'have', run: run(), round, part, bytes }, 0);
      void hand(contact, frame, () => undefined).finally(() => contact.answering--);
    },
    take(contact, about, received) {
      const delivery = contact.outbox.get(deliveryKey(about));
      // One that has ended, or is of an earlier round: late confirmations are no news.
      if (delivery && !delivery.take(received))
        ports.log(`${contact.peer} says to have frames that its ${about.kind} does not have; not believed.`);
    },
  };
}
