import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A way to a server that keeps what the server sends over WebSockets, as it came over the wire. */
export interface SocketTap {
  readonly url: string;
  /** Heads of the server's answers, and then the payload of each frame. */
  readonly sent: readonly Uint8Array[];
  /** Resolves once what was sent fits. */
  until(fits: (sent: readonly string[]) => boolean): Promise<void>;
  close(): void;
}

/** engine.io asks by this whether the other end is alive: how often depends on how long a run takes. */
const HEARTBEAT = '2';
const END_OF_HEAD = '\r\n\r\n';

/** Opens a tap for connections that become WebSockets. */
export async function tapSockets(port: number): Promise<SocketTap> {
  const sent: Uint8Array[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const keep = keeper((piece) => {
      if (Buffer.from(piece).toString() !== HEARTBEAT) sent.push(piece);
      waiting.forEach((check) => check());
    });
    far.on('data', keep);
    near.pipe(far).pipe(near);
    // Either end may go first; what matters has been kept by then.
    for (const end of [near, far]) end.on('error', () => [near, far].forEach((each) => each.destroy()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    sent,
    until: (fits) =>
      new Promise((found) => {
        const check = () => {
          if (!fits(sent.map((piece) => Buffer.from(piece).toString('latin1')))) return;
          waiting.delete(check);
          found();
        };
        waiting.add(check);
        check();
      }),
    close: () => void server.close(),
  };
}

/** Cuts what comes into the head of the answer and the payloads of the frames after it. */
function keeper(onPiece: (piece: Uint8Array) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  let open = false;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    for (let cut = open ? frameAt(rest) : headAt(rest); cut; cut = frameAt(rest)) {
      if (!open || !cut.control) onPiece(rest.subarray(cut.start, cut.end));
      rest = rest.subarray(cut.end);
      open = true;
    }
  };
}

interface Cut {
  readonly start: number;
  readonly end: number;
  /** Of a ping, pong or close frame. */
  readonly control: boolean;
}

function headAt(bytes: Buffer): Cut | undefined {
  const at = bytes.indexOf(END_OF_HEAD);
  return at < 0 ? undefined : { start: 0, end: at + END_OF_HEAD.length, control: false };
}

/** The first frame, once all of it is there (RFC 6455, §5.2; a server's frames are not masked). */
function frameAt(bytes: Buffer): Cut | undefined {
  const short = bytes.length < 2 ? 0 : bytes.readUInt8(1) & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const end = start + length;
  return bytes.length < end ? undefined : { start, end, control: (bytes.readUInt8(0) & 0x08) !== 0 };
}
