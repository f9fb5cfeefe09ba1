import type { AddressInfo } from 'node:net';
import { Failure } from '../cli/failure.ts';
import { createHttp, type HttpEdge } from './http.ts';
import { attachSockets, type SocketEdge } from './sockets.ts';
import { openStun, type StunResponder } from './stun.ts';

export interface Edges {
  readonly port: number;
  close(): Promise<void>;
}

export interface ListenOptions extends HttpEdge, SocketEdge {
  readonly host: string;
  readonly port: number;
}

/** Opens pages, sockets and, on the same number over UDP, STUN. Throws a sentence when the port cannot be had. */
export async function listen(options: ListenOptions): Promise<Edges> {
  const app = await createHttp(options);
  const io = attachSockets(app.server, options);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await io.close();
    throw listenFailure(error, options);
  }
  const { port } = app.server.address() as AddressInfo;
  const stun = await tryStun(port, options);
  return {
    port,
    close: async () => {
      stun?.close();
      await io.close();
      await app.close();
    },
  };
}

async function tryStun(port: number, options: ListenOptions): Promise<StunResponder | undefined> {
  try {
    return await openStun(port, options.host);
  } catch {
    options.warn(
      `UDP port ${port} is taken, so there is no STUN here: volunteers on networks that block multicast ` +
        'exchange through the coordinator. Give another --port to have it.',
    );
    return undefined;
  }
}

function listenFailure(error: unknown, { port, host }: ListenOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Failure(
      `Port ${port} is taken on this machine: give another one with --port (0: any free one).`,
    );
  }
  if (code === 'EACCES') {
    return new Failure(`Port ${port} is not for this user: give one above 1023 with --port.`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Failure(
      `This machine has no address ${host}: give one of its own with --host, or 0.0.0.0 for all.`,
    );
  }
  return error;
}
