import type { Message } from '../../protocol/chunks.ts';
import { decodeHave } from '../../protocol/have.ts';
import type { Link } from '../ports.ts';
import type { Contact, Hub } from './contact.ts';
import type { Greeting } from './greeting.ts';
import type { Sending } from './sending.ts';

export interface Receivers {
  readonly greeting: Greeting;
  readonly sending: Sending;
}

/** Takes one frame of a peer, as it came over this link, or relayed where there is none. */
export function receive(
  hub: Hub,
  { greeting, sending }: Receivers,
  contact: Contact,
  arrived: { readonly frame: Uint8Array; readonly link: Link | undefined },
): void {
  const { log } = hub.ports;
  const result = contact.reassembler.push(arrived.frame);
  if (!result) return;
  if (result.kind === 'refused') return log(`A frame from ${contact.peer} was dropped: ${result.detail}.`);
  const { message } = result;
  if (message.run !== hub.identity?.runTag)
    return log(`A frame from ${contact.peer} belongs to another run and was dropped.`);
  switch (message.kind) {
    case 'hello':
      return greeting.hello(contact, arrived.link);
    case 'helloAck':
      return greeting.confirm(contact, arrived.link);
    case 'ask':
    case 'have':
      return talk(hub, sending, contact, message);
    default:
      sending.answer(contact, { ...message, kind: message.kind });
      hub.ports.onPayload({ ...message, kind: message.kind, from: contact.peer });
  }
}

function talk(hub: Hub, sending: Sending, contact: Contact, message: Message): void {
  const { kind, round, part, bytes } = message;
  const said = decodeHave(bytes);
  if (!said) return hub.ports.log(`A frame from ${contact.peer} speaks of no work and was dropped.`);
  if (kind === 'ask') sending.answer(contact, { kind: said.kind, round, part });
  else sending.take(contact, { kind: said.kind, round, part }, said.received);
}
