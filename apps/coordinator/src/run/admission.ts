import { PROTOCOL_VERSION } from '@murmur/core/protocol/version';
import type {
  CoordinatorMessage,
  MessageOf,
  RosterEntry,
  VolunteerMessage,
} from '@murmur/core/protocol/messages';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { companionsOf } from '@murmur/core/round/groups';
import type { Noticeboard } from './noticeboard.ts';
import type { RunOptions } from './options.ts';
import type { Conversation, Send } from './ports.ts';
import type { RoundRunner } from './roundRunner.ts';
import { rosterOf, type Session, type Sessions } from './sessions.ts';

/** Rows of the round log that a newcomer gets for its curve. */
const SHOWN_ROUNDS = 1_000;

/** Of more volunteers than these nobody is shown all. */
const MOST_SHOWN = 64;

type Hello = MessageOf<VolunteerMessage, 'hello'>;

export interface AdmissionParts {
  readonly options: RunOptions;
  readonly sessions: Sessions;
  readonly runner: RoundRunner;
  readonly board: Noticeboard;
  readonly records: readonly RoundRecord[];
}

/** The volunteers' conversations: who comes in, what is passed on, who has left. */
export interface Admission {
  volunteer(send: Send, origin: { address: string; host: string }): Conversation;
  /** Tells everybody who is here, where that is news. */
  sendRoster(to?: readonly Session[]): void;
}

export function createAdmission({ options, sessions, runner, board, records }: AdmissionParts): Admission {
  /** What each was told last, as text: most of what happens changes nothing of it. */
  const told = new WeakMap<Session, string>();

  function sendRoster(to: readonly Session[] = sessions.all()): void {
    const everybody = new Map(rosterOf(sessions.all(), runner.state()).map((entry) => [entry.peer, entry]));
    for (const session of to) {
      const roster = rosterFor(session, everybody);
      const text = JSON.stringify(roster);
      if (told.get(session) === text) continue;
      told.set(session, text);
      session.send(roster);
    }
  }

  /** In a crowd everybody is told of those it works with; else all would be told of all whenever anything changes. */
  function rosterFor(
    { peer }: Session,
    everybody: ReadonlyMap<string, RosterEntry>,
  ): MessageOf<CoordinatorMessage, 'roster'> {
    if (everybody.size <= MOST_SHOWN) return { type: 'roster', volunteers: [...everybody.values()] };
    const near = companionsOf(runner.state().open?.groups ?? [], peer) ?? new Set([peer]);
    const volunteers = [...near].flatMap((other) => everybody.get(other) ?? []);
    return { type: 'roster', volunteers, others: everybody.size - volunteers.length };
  }

  /** Who has come or gone is news to all at once; in a crowd only to those who wait for its work, and to others before long. */
  function announce(peer: string): void {
    if (sessions.all().length <= MOST_SHOWN) return sendRoster();
    const near = companionsOf(runner.state().open?.groups ?? [], peer) ?? new Set([peer]);
    sendRoster([...near].flatMap((other) => sessions.get(other) ?? []));
  }

  function refusal(hello: Hello): Extract<CoordinatorMessage, { type: 'refused' }> | undefined {
    if (hello.protocol !== PROTOCOL_VERSION) {
      const detail = `it speaks ${hello.protocol}, the coordinator ${PROTOCOL_VERSION}`;
      return { type: 'refused', reason: 'protocol-version', detail };
    }
    const ban = runner.state().banned.get(hello.resume?.peer ?? '');
    if (ban) return { type: 'refused', reason: 'banned', detail: ban.sentence };
    const full = sessions.all().length >= options.maxVolunteers && !sessions.replaces(hello);
    return full ? { type: 'refused', reason: 'run-full' } : undefined;
  }

  function greet(hello: Hello, send: Send, host: string): Session | undefined {
    const refused = refusal(hello);
    if (refused) {
      send(refused);
      return undefined;
    }
    const session = sessions.open(hello, send);
    const { peer, secret } = session;
    // A second connection of one volunteer ends the first.
    runner.dispatch({ type: 'left', peer });
    runner.dispatch({ type: 'joined', peer, name: hello.name });
    const iceServers = options.iceServersFor(host);
    send({ type: 'welcome', peer, secret, run: options.info, status: runner.status(), iceServers });
    for (const record of records.slice(-SHOWN_ROUNDS)) send({ type: 'record', record });
    announce(peer);
    return session;
  }

  function part(session: Session | undefined): void {
    if (!session || sessions.get(session.peer) !== session) return;
    sessions.close(session);
    runner.dispatch({ type: 'left', peer: session.peer });
    announce(session.peer);
  }

  function receive(
    session: Session,
    message: Exclude<VolunteerMessage, Hello>,
  ): ReturnType<Conversation['receive']> {
    const { peer } = session;
    switch (message.type) {
      case 'signal':
        return void sessions.get(message.to)?.send({ type: 'signal', from: peer, data: message.data });
      case 'leave':
        return part(session);
      case 'relay':
        session.relayed = true;
        runner.dispatch({ type: 'message', peer, message });
        return sessions.get(message.to)?.send({ type: 'relay', from: peer, frame: message.frame });
      case 'available':
        session.device = message.device;
        break;
      case 'failed':
        board.alert(
          'warning',
          `${session.hello.name} could not take part in round ${message.round}: ${message.sentence}`,
        );
        break;
      case 'ready':
      case 'paused':
      case 'progress':
      case 'partial':
      case 'reduced':
      case 'applied':
      case 'contribution':
        break;
    }
    runner.dispatch({ type: 'message', peer, message });
  }

  return {
    sendRoster,
    volunteer(send, origin) {
      let session: Session | undefined;
      return {
        receive(message) {
          if (message.type === 'hello') {
            // One connection is one volunteer, or one that greets for ever would fill the run.
            if (session) send({ type: 'refused', reason: 'duplicate', detail: 'hello' });
            else session = greet(message, send, origin.host);
          } else if (session && sessions.get(session.peer) === session) return receive(session, message);
        },
        closed: () => part(session),
      };
    },
  };
}
