import type { Socket } from 'socket.io';

/** socket.io, untyped on purpose: what arrives is unknown until it is parsed. */
export type Incoming = Socket<Record<string, (...args: unknown[]) => void>>;

export const addressOf = (socket: { handshake: { address: string } }): string =>
  socket.handshake.address.replace(/^::ffff:/, '');
