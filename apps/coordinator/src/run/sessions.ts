import type { MessageOf, RosterEntry, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { Given, RoundState } from '@murmur/core/round/state';
import type { Send } from './ports.ts';

type Hello = MessageOf<VolunteerMessage, 'hello'>;
type VolunteerRow = OperatorSnapshot['volunteers'][number];

/** One volunteer that is here, with what it has done so far. */
export interface Session {
  readonly peer: string;
  readonly secret: string;
  readonly hello: Hello;
  readonly send: Send;
  /** What it trains with; known once it is available. */
  device: string;
  samplesPerSecond: number;
  samples: number;
  rounds: number;
  missedRounds: number;
  relayed: boolean;
}

/** Who is here. A volunteer that comes back with its secret keeps its name and its counts. */
export interface Sessions {
  open(hello: Hello, send: Session['send']): Session;
  /** Whether this greeting would take the place of somebody who is still here, by its secret. */
  replaces(hello: Hello): boolean;
  close(session: Session): void;
  get(peer: string): Session | undefined;
  all(): readonly Session[];
  /** Counts what each member of a round that has ended gave. */
  credit(members: readonly Given[]): void;
}

/** `newName` makes an unguessable lower-case name of so many characters. */
export function createSessions(newName: (length: number) => string): Sessions {
  const here = new Map<string, Session>();
  /** Those who left, by peer, so that their counts survive a short absence. */
  const away = new Map<string, Session>();
  const MOST_AWAY = 1_000;

  return {
    open(hello, send) {
      const known = hello.resume && (here.get(hello.resume.peer) ?? away.get(hello.resume.peer));
      const own = known && known.secret === hello.resume?.secret ? known : undefined;
      const counts = own ?? {
        device: '',
        samplesPerSecond: 0,
        samples: 0,
        rounds: 0,
        missedRounds: 0,
        relayed: false,
      };
      const session: Session = {
        ...counts,
        peer: own?.peer ?? newName(10),
        secret: own?.secret ?? newName(32),
        hello,
        send,
      };
      here.set(session.peer, session);
      away.delete(session.peer);
      return session;
    },
    replaces({ resume }) {
      return resume !== undefined && here.get(resume.peer)?.secret === resume.secret;
    },
    close(session) {
      if (here.get(session.peer) !== session) return;
      here.delete(session.peer);
      away.set(session.peer, session);
      for (const oldest of away.keys()) {
        if (away.size <= MOST_AWAY) break;
        away.delete(oldest);
      }
    },
    get: (peer) => here.get(peer),
    all: () => [...here.values()],
    credit(members) {
      for (const { peer, ready } of members) {
        const session = here.get(peer);
        if (session) count(session, ready);
      }
    },
  };
}

function count(session: Session, ready: Given['ready']): void {
  if (!ready) {
    session.missedRounds++;
    return;
  }
  session.rounds++;
  session.samples += ready.samples;
  session.samplesPerSecond = ready.samples / Math.max(1e-3, ready.trainMs / 1e3);
}

/** What this volunteer is doing, as the round sees it. */
export function stateOf(peer: string, state: RoundState): RosterEntry['state'] {
  const volunteer = state.volunteers.get(peer);
  if (!volunteer || volunteer.state === 'syncing') return 'syncing';
  if (volunteer.state === 'paused') return 'paused';
  const round = state.open;
  if (!round?.manifest.members.some((m) => m.peer === peer)) return 'waiting';
  if (round.phase !== 'training') return 'exchanging';
  return round.ready.has(peer) || round.out.has(peer) ? 'waiting' : 'training';
}

export const rosterOf = (sessions: readonly Session[], state: RoundState): RosterEntry[] =>
  sessions.map(({ peer, hello }) => ({
    peer,
    name: hello.name,
    host: hello.host,
    state: stateOf(peer, state),
  }));

export const rowsOf = (sessions: readonly Session[], state: RoundState): VolunteerRow[] =>
  sessions.map(({ peer, hello, samplesPerSecond, samples, rounds, missedRounds, relayed, device }) => ({
    peer,
    name: hello.name,
    host: hello.host,
    device,
    state: stateOf(peer, state),
    samplesPerSecond,
    samples,
    rounds,
    missedRounds,
    relayed,
  }));
