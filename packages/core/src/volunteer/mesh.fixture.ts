import { decodeFrame, type FrameKind } from '../protocol/frames.ts';
import { createMesh, type Mesh, type Payload } from './mesh.ts';
import type { LinkHandlers, LinkPort } from './ports.ts';

/** Time that is moved by hand. */
function handClock() {
  let now = 0;
  const timers = new Set<{ atMs: number; call: () => void }>();
  return {
    clock: {
      now: () => now,
      after(ms: number, call: () => void) {
        const timer = { atMs: now + ms, call };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    pass(ms: number) {
      now += ms;
      for (const timer of [...timers]) if (timer.atMs <= now && timers.delete(timer)) timer.call();
    },
  };
}

/** A frame as it was handed over. */
export interface Sent {
  readonly from: string;
  readonly road: 'link' | 'relay';
  readonly kind: FrameKind;
  readonly sequence: number;
}

interface End {
  readonly handlers: LinkHandlers;
  open: boolean;
}

export interface Wire {
  /** Whether offers lead to open links. */
  works: boolean;
  /** Whether links take frames and never say that they are gone. */
  stalls: boolean;
  /** Whether frames that a link takes get lost on the way, as those in its buffer are when it breaks. */
  loses: boolean;
  /** Whether the relay carries frames, or says that it dropped them. */
  relays: boolean;
  /** Whether the relay loses what it says to have taken. */
  relayLoses: boolean;
  /** Called before a frame of work is handed over. */
  onWork(frame: Sent): void;
  readonly links: Map<string, End[]>;
}

export type World = ReturnType<typeof createWorld>;

/** Meshes over links for which an offer and an answer are enough, a relay, and a clock. */
export function createWorld() {
  const time = handClock();
  const wire: Wire = {
    ...{ works: true, stalls: false, loses: false, relays: true, relayLoses: false },
    onWork: () => undefined,
    links: new Map(),
  };
  const meshes = new Map<string, Mesh>();
  const received = new Map<string, Payload[]>();
  const sent: Sent[] = [];
  const said: string[] = [];

  function note(from: string, road: Sent['road'], bytes: Uint8Array): void {
    const result = decodeFrame(bytes);
    if (result.kind !== 'frame') throw new Error(result.detail);
    const frame = { from, road, kind: result.frame.kind, sequence: result.frame.sequence };
    if (isWork(frame)) wire.onWork(frame);
    sent.push(frame);
  }

  function fakeLinks(self: string): LinkPort {
    return {
      open({ initiator }, handlers) {
        const mine: End = { handlers, open: false };
        let gone = false;
        let stalled: (cause: Error) => void = () => undefined;
        wire.links.set(self, [...(wire.links.get(self) ?? []), mine]);
        let other: End | undefined;
        const connect = (peer: string) => {
          other = wire.links.get(peer)?.at(-1);
          mine.open = true;
          handlers.onOpen();
        };
        if (initiator) soon(() => handlers.onSignal(JSON.stringify({ type: 'offer', from: self })));
        return {
          signal(data) {
            if (!wire.works) return;
            const { type, from } = JSON.parse(data) as { type: string; from: string };
            if (type === 'offer') handlers.onSignal(JSON.stringify({ type: 'answer', from: self }));
            soon(() => connect(from));
          },
          send: async (bytes) => {
            note(self, 'link', bytes);
            if (!mine.open) throw new Error('closed');
            if (wire.stalls) return new Promise<void>((_, reject) => (stalled = reject));
            if (!wire.loses) soon(() => other?.handlers.onMessage(bytes));
          },
          close() {
            if (gone) return;
            gone = true;
            mine.open = false;
            stalled(new Error('closed'));
            handlers.onClosed('closed here');
            if (other?.open) {
              other.open = false;
              other.handlers.onClosed('closed there');
            }
          },
        };
      },
    };
  }

  function addMesh(self: string): Mesh {
    const mesh = createMesh({
      clock: time.clock,
      links: fakeLinks(self),
      signal: (to, data) => soon(() => meshes.get(to)?.signal(self, data)),
      relay: async (to, frame) => {
        note(self, 'relay', frame);
        if (!wire.relays) throw new Error('dropped');
        if (!wire.relayLoses) soon(() => meshes.get(to)?.relayed(self, frame));
      },
      onPayload: (payload) => received.get(self)?.push(payload),
      onChange: () => undefined,
      log: (sentence) => said.push(sentence),
    });
    mesh.identify({ self, runTag: 7, iceServers: [] });
    meshes.set(self, mesh);
    received.set(self, []);
    return mesh;
  }

  return {
    ...{ time, wire, meshes, received, sent, said, addMesh },
    /** Both have met in round 1 and wait for what comes of it. */
    async addPair(): Promise<[Mesh, Mesh]> {
      const [anna, bert] = [addMesh('anna'), addMesh('bert')];
      anna.meet(['bert'], 1);
      bert.meet(['anna'], 1);
      await settle();
      return [anna, bert];
    },
    /** Every link dies; the ends of these peers hear of it, or all. */
    breakLinks(told: readonly string[] = [...meshes.keys()]): void {
      for (const [peer, list] of wire.links)
        for (const end of list.splice(0)) {
          const wasOpen = end.open;
          end.open = false;
          if (wasOpen && told.includes(peer)) end.handlers.onClosed('broken');
        }
    },
    /** Sequences of the frames of work that this one handed over by this road. */
    workOf: (from: string, road: Sent['road']): number[] =>
      sent.filter((f) => f.from === from && f.road === road && isWork(f)).map((f) => f.sequence),
  };
}

const soon = (call: () => void): void => void Promise.resolve().then(call);

const isWork = ({ kind }: Sent): boolean => kind === 'contribution' || kind === 'update';

/** Lets everything that is under way arrive: each turn of the task queue empties all microtasks. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 400; i++) await Promise.resolve();
};

export const payload = (size: number): Omit<Payload, 'from'> => ({
  kind: 'contribution',
  round: 1,
  part: 0,
  bytes: Uint8Array.from({ length: size }, (_, i) => i >> 4),
});
