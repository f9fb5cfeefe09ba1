import { coordinatorMessage } from '@murmur/core/protocol/messages';
import { io } from 'socket.io-client';
import type { Clock, ControlPort } from '@murmur/core/volunteer/ports';
import { withPlainBytes } from './plainBytes.ts';

const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 5_000;

export interface SocketOptions {
  readonly origin: string;
  readonly clock: Clock;
  readonly log: (sentence: string) => void;
}

export interface SocketControl extends ControlPort {
  /** Messages that could not be read. */
  malformed(): number;
  /** Resolves when the socket is closed for good and what was sent before is on its way. */
  readonly closed: Promise<void>;
}

/**
 * The control channel over socket.io, the same in a page and on Node. Reconnects for ever; what is sent while there
 * is no connection is dropped, because it would arrive before the hello.
 */
export function createSocketControl({ origin, clock, log }: SocketOptions): SocketControl {
  const socket = io(origin, {
    autoConnect: false,
    forceNew: true,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: FIRST_RETRY_MS,
    reconnectionDelayMax: MOST_RETRY_MS,
  });
  let malformed = 0;
  let said = false;
  let resolveClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (resolveClosed = resolve));
  let isClosed = false;

  function read(raw: unknown): ReturnType<typeof coordinatorMessage.safeParse> {
    const parsed = coordinatorMessage.safeParse(withPlainBytes(raw));
    if (parsed.success) return parsed;
    malformed += 1;
    const issue = parsed.error.issues[0];
    log(`A message of the coordinator could not be read (${issue?.path.join('.')}: ${issue?.message}).`);
    return parsed;
  }

  /** After a refusal or a close by the server socket.io does not try again by itself. */
  function tryAgain(): void {
    if (!socket.active && !isClosed) clock.after(MOST_RETRY_MS, () => isClosed || socket.connect());
  }

  return {
    open({ onConnected, onDisconnected, onMessage }) {
      socket.on('connect', () => {
        said = false;
        onConnected();
      });
      socket.on('disconnect', (reason) => {
        onDisconnected();
        if (!isClosed) log(`The connection to the coordinator is lost (${reason}); trying again.`);
        tryAgain();
      });
      socket.on('connect_error', (error) => {
        if (!said) log(`The coordinator at ${origin} does not answer (${error.message}); trying again.`);
        said = true;
        tryAgain();
      });
      socket.on('message', (raw: unknown) => {
        const message = read(raw);
        if (message.success) onMessage(message.data);
      });
      socket.connect();
    },
    send(message) {
      if (socket.connected) socket.emit('message', message);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // The engine drains what is buffered before it closes; until then the process must not end.
      const { engine } = socket.io;
      if (socket.connected) engine.once('close', resolveClosed);
      else resolveClosed();
      socket.disconnect();
    },
    malformed: () => malformed,
    closed,
  };
}
