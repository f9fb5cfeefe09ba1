import type { Server as HttpServer } from 'node:http';
import { volunteerMessage, type VolunteerMessage } from '@murmur/core/protocol/messages';
import { operatorCommand, type CommandAnswer, type OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { Reason } from '@murmur/core/protocol/reasons';
import { Server } from 'socket.io';
import type { Conversation, CoordinatorPort } from '../run/ports.ts';
import type { SocketLimits } from './limits.ts';
import type { EdgeCounts } from './edgeCounts.ts';
import { addressOf, type Incoming } from './incoming.ts';
import { createSender, relayPace } from './relay.ts';
import { isSecret } from './secret.ts';
import { fullBucket, takeToken } from './tokenBucket.ts';

export interface SocketEdge {
  readonly coordinator: CoordinatorPort;
  readonly joinToken: string | undefined;
  readonly operatorToken: string;
  readonly counts: EdgeCounts;
  readonly limits: SocketLimits;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly after: (ms: number, call: () => void) => void;
  readonly warn: (sentence: string) => void;
}

type Refuse = (reason: Reason, detail?: string) => void;

/** Puts the volunteers' and the operator's channels on an HTTP server. Parses and dispatches; decides nothing. */
export function attachSockets(http: HttpServer, edge: SocketEdge): Server {
  const io = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: edge.limits.maxMessageBytes,
    pingInterval: 10_000,
    pingTimeout: 20_000,
  });
  limitAddresses(io, edge);
  io.on('connection', (socket: Incoming) => serveVolunteer(socket, edge));
  serveOperators(io, edge);
  return io;
}

/** Of so many addresses the operator is told that somebody was turned away. */
const MOST_WARNED = 100;

function limitAddresses(io: Server, edge: SocketEdge): void {
  const { sockets } = io.of('/');
  const warned = new Set<string>();
  /** Once of each: whoever is turned away tries again every few seconds. */
  function warn(address: string, are: string): void {
    if (warned.has(address) || warned.size >= MOST_WARNED) return;
    warned.add(address);
    edge.warn(
      `A volunteer was turned away: ${are} connected from ${address}, which is the most allowed. Start again with a larger --max-per-address to let more in.`,
    );
  }
  io.use((socket, next) => {
    const address = addressOf(socket);
    // Counted anew each time: a socket that goes before it is let in never says so.
    const count = [...sockets.values()].filter((other) => addressOf(other) === address).length;
    if (count >= edge.limits.maxSocketsPerAddress) {
      edge.counts.tooManySockets++;
      const are = count === 1 ? '1 volunteer is' : `${count} volunteers are`;
      warn(address, are);
      return next(
        new Error(
          `${are} connected from your address, which is the most allowed: ` +
            'ask whoever runs this to allow more with --max-per-address.',
        ),
      );
    }
    next();
  });
}

function serveVolunteer(socket: Incoming, edge: SocketEdge): void {
  const send = createSender(socket, edge);
  const refuse: Refuse = (reason, detail) =>
    send({ type: 'refused', reason, ...(detail === undefined ? {} : { detail: detail.slice(0, 300) }) });
  const admits = rateGate(edge, refuse);
  const paceOf = relayPace(socket, edge, () => refuse('bad-message', TOO_FAST));
  let conversation: Conversation | undefined;

  function take(raw: unknown): void | Promise<boolean> {
    const message = parseMessage(raw, edge, refuse);
    if (!message) return;
    if (!conversation && !mayEnter(message, edge, refuse)) return;
    conversation ??= edge.coordinator.volunteer(send, {
      address: addressOf(socket),
      host: hostOf(socket),
    });
    return conversation.receive(message);
  }
  /** Resolves to whether a frame is sent, no sooner than its sender may send the next one. */
  async function takeRelay(raw: RawRelay): Promise<boolean> {
    const waitMs = paceOf(raw.frame);
    if (waitMs === undefined) return false;
    const sent = take(raw);
    if (waitMs > 0) await new Promise<void>((resolve) => edge.after(waitMs, resolve));
    return (await sent) !== false;
  }
  socket.on('message', (raw: unknown, acknowledge: unknown) => {
    if (!isRelay(raw)) return void (admits() && take(raw));
    const say = typeof acknowledge === 'function' ? acknowledge : () => undefined;
    void takeRelay(raw).then((sent) => say(sent));
  });
  socket.on('disconnect', () => conversation?.closed());
}

const TOO_FAST = 'Messages come too fast and are dropped: slow down.';

/** Whether a message may be looked at now. Says so once when it begins to drop. */
function rateGate(edge: SocketEdge, refuse: Refuse): () => boolean {
  const { messages } = edge.limits;
  let bucket = fullBucket(messages, edge.now());
  let dropping = false;
  return () => {
    let admitted: boolean;
    [bucket, admitted] = takeToken(bucket, messages, edge.now());
    if (!admitted) edge.counts.rateLimited++;
    if (!admitted && !dropping) refuse('bad-message', TOO_FAST);
    dropping = !admitted;
    return admitted;
  };
}

interface RawRelay {
  readonly frame?: unknown;
}

const isRelay = (raw: unknown): raw is RawRelay =>
  typeof raw === 'object' && raw !== null && 'type' in raw && raw.type === 'relay';

function parseMessage(raw: unknown, edge: SocketEdge, refuse: Refuse): VolunteerMessage | undefined {
  const parsed = volunteerMessage.safeParse(raw);
  if (parsed.success) return withPlainBytes(parsed.data);
  edge.counts.malformed++;
  const issue = parsed.error.issues[0];
  refuse('bad-message', issue && `${issue.path.join('.') || 'message'}: ${issue.message}`);
  return undefined;
}

/** Copies Node's Buffers, which are unaligned views of shared memory and have a `slice` of their own. */
function withPlainBytes(message: VolunteerMessage): VolunteerMessage {
  if ('bytes' in message) return { ...message, bytes: plain(message.bytes) };
  if ('frame' in message) return { ...message, frame: plain(message.frame) };
  return message;
}

const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** The first word must be a hello, with the join token where there is one. */
function mayEnter(message: VolunteerMessage, edge: SocketEdge, refuse: Refuse): boolean {
  if (message.type !== 'hello') {
    edge.counts.malformed++;
    refuse('bad-message', 'The first message must be a hello.');
    return false;
  }
  if (edge.joinToken === undefined || isSecret(message.token, edge.joinToken)) return true;
  edge.counts.badTokens++;
  refuse('bad-token');
  return false;
}

const WRONG_OPERATOR_TOKEN =
  'The operator token is missing or wrong. Open the operator address that murmur printed, with everything after #.';

function serveOperators(io: Server, edge: SocketEdge): void {
  const operators = io.of('/operator');
  operators.use((socket, next) => {
    if (isSecret(socket.handshake.auth['token'], edge.operatorToken)) return next();
    edge.counts.badTokens++;
    next(new Error(WRONG_OPERATOR_TOKEN));
  });
  operators.on('connection', (socket: Incoming) => {
    const push = (snapshot: OperatorSnapshot) => void socket.emit('snapshot', snapshot);
    const conversation = edge.coordinator.operator(push);
    const command = async (raw: unknown): Promise<CommandAnswer> => {
      const parsed = operatorCommand.safeParse(raw);
      if (parsed.success) return conversation.command(parsed.data);
      edge.counts.malformed++;
      return { ok: false, sentence: 'The coordinator does not know this command. Reload the page.' };
    };
    socket.on('command', (raw: unknown, answer: unknown) => {
      const reply = (given: CommandAnswer) => void (typeof answer === 'function' && answer(given));
      command(raw).then(reply, (error: unknown) => reply({ ok: false, sentence: sentenceOf(error) }));
    });
    socket.on('disconnect', () => conversation.closed());
  });
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The name by which this volunteer reaches the coordinator, without the port: STUN answers there too. */
const hostOf = (socket: { handshake: { headers: { host?: string | undefined } } }): string =>
  (socket.handshake.headers.host ?? '').replace(/:\d+$/, '');
