import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { addressBytes, bindingResponse, readBindingRequest } from './stunMessage.ts';

export interface StunResponder {
  readonly port: number;
  counts(): { readonly answered: number; readonly ignored: number };
  close(): void;
}

/**
 * Answers STUN binding requests over UDP, so that volunteers on a LAN without internet learn addresses that their
 * peers can reach. On all interfaces it listens on IPv4 and, where there is any, IPv6.
 * Rejects when the IPv4 (or the only) socket cannot be bound. `port` 0 takes any.
 */
export async function openStun(port: number, host: string): Promise<StunResponder> {
  let answered = 0;
  let ignored = 0;
  const listen = (socket: Socket): Socket =>
    socket.on('message', (datagram, sender) => {
      const response = answer(datagram, sender);
      if (!response) return void ignored++;
      answered++;
      // A response that cannot be sent is like one lost on the way: the client asks again.
      socket.send(response, sender.port, sender.address, () => undefined);
    });
  const first = listen(createSocket(host.includes(':') ? 'udp6' : 'udp4'));
  await bind(first, port, host);
  const sockets = [first];
  const bound = first.address().port;
  if (host === '0.0.0.0') {
    const second = listen(createSocket({ type: 'udp6', ipv6Only: true }));
    const opened = await bind(second, bound, '::').then(
      () => true,
      () => false, // No IPv6 on this machine: IPv4 serves.
    );
    if (opened) sockets.push(second);
  }
  return {
    port: bound,
    counts: () => ({ answered, ignored }),
    close: () => sockets.forEach((socket) => socket.close()),
  };
}

function answer(datagram: Uint8Array, sender: RemoteInfo): Uint8Array | undefined {
  const transaction = readBindingRequest(datagram);
  const address = addressBytes(sender.address);
  return transaction && address && bindingResponse(transaction, address, sender.port);
}

async function bind(socket: Socket, port: number, host: string): Promise<void> {
  socket.bind(port, host);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  // After this, errors (an unreachable sender on some systems) concern one datagram only.
  socket.on('error', () => undefined);
}
