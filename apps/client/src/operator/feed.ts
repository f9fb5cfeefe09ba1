/** The operator's socket: snapshots in, commands out. Parses what arrives; knows nothing of the page. */
import { operatorSnapshot, type CommandAnswer, type OperatorCommand } from '@murmur/core/protocol/operator';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import type { FeedEvent } from './console.ts';

const ANSWER_MS = 60_000;

const commandAnswer = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), sentence: z.string() }),
]);

const NO_ANSWER: CommandAnswer = {
  ok: false,
  sentence: 'The coordinator did not answer. Check that it is running, then try again.',
};

export interface OperatorFeed {
  /** Resolves to the coordinator's answer, or to a sentence when there is none. Never rejects. */
  command(command: OperatorCommand): Promise<CommandAnswer>;
  close(): void;
}

/** socket.io stays active when it will try again by itself, and gives up when the coordinator refused it. */
const onConnectError =
  (socket: Socket, hear: (event: FeedEvent) => void) =>
  (problem: Error): void =>
    hear(socket.active ? { type: 'lost' } : { type: 'refused', cause: problem.message });

async function ask(socket: Socket, command: OperatorCommand): Promise<CommandAnswer> {
  if (!socket.connected) return NO_ANSWER;
  try {
    const answer: unknown = await socket.timeout(ANSWER_MS).emitWithAck('command', command);
    const parsed = commandAnswer.safeParse(answer);
    return parsed.success
      ? parsed.data
      : { ok: false, sentence: 'The coordinator answered in an unknown way. Reload the page.' };
  } catch {
    return NO_ANSWER;
  }
}

export function connectFeed(origin: string, token: string, hear: (event: FeedEvent) => void): OperatorFeed {
  const socket = io(`${origin}/operator`, { auth: { token }, reconnectionDelayMax: 3000, forceNew: true });
  socket.on('connect', () => hear({ type: 'connected' }));
  socket.on('connect_error', onConnectError(socket, hear));
  socket.on('disconnect', (reason) => {
    hear({ type: 'lost' });
    // The coordinator closed this connection itself; socket.io leaves it to us to come back.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('snapshot', (data: unknown) => {
    const parsed = operatorSnapshot.safeParse(data);
    hear(parsed.success ? { type: 'snapshot', snapshot: parsed.data } : { type: 'unreadable' });
  });
  return { command: (command) => ask(socket, command), close: () => socket.close() };
}
