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
  /** After `close`: resolves when what was sent before is on its way. */
  flushed(): Promise<void>;
}

/**
 * The control channel over socket.io, the same in a page and on Node. Reconnects for ever; what is sent while there
 * is no connection is dropped, because it would arrive before the hello. The coordinator acknowledges relay frames.
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
  let flushed: Promise<void> = Promise.resolve();
  let isClosed = true;

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
    open({ onConnected, onDisconnected, onTurnedAway, onMessage }) {
      isClosed = false;
      socket.off();
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
        // Of a refusal socket.io gives the coordinator's own words, and does not try again by itself.
        if (!socket.active) onTurnedAway(error.message);
        const what = socket.active ? 'does not answer' : 'lets nobody in now';
        if (!said) log(`The coordinator at ${origin} ${what} (${error.message}); trying again.`);
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
    async relay(to, frame) {
      if (!socket.connected) throw new Error('The coordinator is not connected.');
      const sent: unknown = await socket.emitWithAck('message', { type: 'relay', to, frame });
      if (sent === false) throw new Error(`The coordinator dropped a frame for ${to}.`);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // The engine hands over what is buffered before it closes.
      const { engine } = socket.io;
      if (socket.connected) flushed = new Promise((resolve) => engine.once('close', () => resolve()));
      socket.disconnect();
    },
    malformed: () => malformed,
    flushed: () => flushed,
  };
}
