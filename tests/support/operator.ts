import { io } from 'socket.io-client';
import {
  operatorSnapshot,
  type CommandAnswer,
  type OperatorCommand,
  type OperatorSnapshot,
} from '@murmur/core/protocol/operator';

/** The operator's channel, as the page uses it. */
export interface Operator {
  command(type: OperatorCommand['type']): Promise<CommandAnswer>;
  /** The first snapshot, the newest or one to come, that fits. */
  until(fits: (snapshot: OperatorSnapshot) => boolean): Promise<OperatorSnapshot>;
  close(): void;
}

export function operate(url: string, token: string): Operator {
  const socket = io(new URL('/operator', url).href, { auth: { token }, transports: ['websocket'] });
  let newest: OperatorSnapshot | undefined;
  const waiting = new Set<() => void>();
  socket.on('snapshot', (raw: unknown) => {
    newest = operatorSnapshot.parse(raw);
    waiting.forEach((check) => check());
  });
  return {
    command: (type) => socket.emitWithAck('command', { type }) as Promise<CommandAnswer>,
    until: (fits) =>
      new Promise((found) => {
        const check = () => {
          if (!newest || !fits(newest)) return;
          waiting.delete(check);
          found(newest);
        };
        waiting.add(check);
        check();
      }),
    close: () => void socket.close(),
  };
}
