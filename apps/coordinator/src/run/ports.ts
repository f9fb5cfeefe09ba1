/** What the edges (sockets, http, terminal) may ask of a running coordinator. They decide nothing themselves. */
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { CommandAnswer, OperatorCommand, OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunInfo, RunStatus } from '@murmur/core/protocol/run';

/**
 * Sends to one volunteer. Of a relay frame it says whether it is sent, once the volunteer can take the next one.
 */
export type Send = (message: CoordinatorMessage) => void | Promise<boolean>;

/** One volunteer's control channel, from connection to close. */
export interface Conversation {
  /** Of a relay frame: what `Send` says of it. */
  receive(message: VolunteerMessage): void | Promise<boolean>;
  closed(): void;
}

/** One operator page. */
export interface OperatorConversation {
  command(command: OperatorCommand): Promise<CommandAnswer>;
  closed(): void;
}

export interface CoordinatorPort {
  volunteer(send: Send, origin: { address: string; host: string }): Conversation;
  operator(push: (snapshot: OperatorSnapshot) => void): OperatorConversation;
  status(): { run: RunInfo; status: RunStatus; volunteers: number };
  rounds(): readonly RoundRecord[];
}
