import type { Server as HttpServer } from 'node:http';
import {
  MAX_PART_BYTES,
  volunteerMessage,
  type CoordinatorMessage,
  type VolunteerMessage,
} from '@murmur/core/protocol/messages';
import { operatorCommand, type CommandAnswer, type OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { Reason } from '@murmur/core/protocol/reasons';
import { Server, type Socket } from 'socket.io';
import type { Conversation, CoordinatorPort } from '../run/ports.ts';
import type { EdgeCounts } from './edgeCounts.ts';
import { isSecret } from './secret.ts';
import { fullBucket, takeToken, type Rate } from './tokenBucket.ts';

export interface SocketLimits {
  readonly maxMessageBytes: number;
  /** Sockets of volunteers from one address: a classroom may sit behind one. */
  readonly maxSocketsPerAddress: number;
  /** Everything but relay frames. */
  readonly messages: Rate;
  readonly relayFrames: Rate;
  /** Relay frames that may wait for a volunteer that does not read them; more are dropped. */
  readonly maxWaitingFrames: number;
}

/** A relay frame is up to 64 KiB: a relayed round of a large model comes in thousands at once. */
export const DEFAULT_LIMITS: SocketLimits = {
  maxMessageBytes: MAX_PART_BYTES + 64 * 1024,
  maxSocketsPerAddress: 64,
  messages: { burst: 1000, perSecond: 200 },
  relayFrames: { burst: 8192, perSecond: 2048 },
  maxWaitingFrames: 2048,
};

export interface SocketEdge {
  readonly coordinator: CoordinatorPort;
  readonly joinToken: string | undefined;
  readonly operatorToken: string;
  readonly counts: EdgeCounts;
  readonly limits: SocketLimits;
  /** Milliseconds, never going back. */
  readonly now: () => number;
}

type Refuse = (reason: Reason, detail?: string) => void;
/** socket.io, untyped on purpose: what arrives is unknown until it is parsed. */
type Incoming = Socket<Record<string, (...args: unknown[]) => void>>;

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

function limitAddresses(io: Server, edge: SocketEdge): void {
  const { sockets } = io.of('/');
  io.use((socket, next) => {
    const address = addressOf(socket);
    // Counted anew each time: a socket that goes before it is let in never says so.
    const count = [...sockets.values()].filter((other) => addressOf(other) === address).length;
    if (count >= edge.limits.maxSocketsPerAddress) {
      edge.counts.tooManySockets++;
      return next(
        new Error(`${count} volunteers are connected from your address, which is the most allowed.`),
      );
    }
    next();
  });
}

function serveVolunteer(socket: Incoming, edge: SocketEdge): void {
  const send = sender(socket, edge);
  const refuse: Refuse = (reason, detail) =>
    send({ type: 'refused', reason, ...(detail === undefined ? {} : { detail: detail.slice(0, 300) }) });
  const admits = rateGate(edge, refuse);
  let conversation: Conversation | undefined;
  socket.on('message', (raw: unknown) => {
    if (!admits(raw)) return;
    const message = parseMessage(raw, edge, refuse);
    if (!message) return;
    if (!conversation && !mayEnter(message, edge, refuse)) return;
    conversation ??= edge.coordinator.volunteer(send, {
      address: addressOf(socket),
      host: hostOf(socket),
    });
    conversation.receive(message);
  });
  socket.on('disconnect', () => conversation?.closed());
}

/** Sends messages; relay frames only while the socket hands on what it is given, or one that stalls would fill the memory. */
function sender(socket: Incoming, edge: SocketEdge): (message: CoordinatorMessage) => void {
  let waiting = 0;
  socket.conn.on('drain', () => (waiting = 0));
  return (message) => {
    if (message.type === 'relay' && waiting++ >= edge.limits.maxWaitingFrames) edge.counts.relayDropped++;
    else socket.emit('message', message);
  };
}

/** Whether a message may be looked at now. Says so once when it begins to drop. */
function rateGate(edge: SocketEdge, refuse: Refuse): (raw: unknown) => boolean {
  const { messages, relayFrames } = edge.limits;
  let ordinary = fullBucket(messages, edge.now());
  let relayed = fullBucket(relayFrames, edge.now());
  let dropping = false;
  return (raw) => {
    let admitted: boolean;
    if (isRelay(raw)) [relayed, admitted] = takeToken(relayed, relayFrames, edge.now());
    else [ordinary, admitted] = takeToken(ordinary, messages, edge.now());
    if (!admitted) edge.counts.rateLimited++;
    if (!admitted && !dropping) refuse('bad-message', 'Messages come too fast and are dropped: slow down.');
    dropping = !admitted;
    return admitted;
  };
}

const isRelay = (raw: unknown): boolean =>
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

const addressOf = (socket: { handshake: { address: string } }): string =>
  socket.handshake.address.replace(/^::ffff:/, '');
