/** What the edges (sockets, http, terminal) may ask of a running coordinator. They decide nothing themselves. */
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { CommandAnswer, OperatorCommand, OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunInfo, RunStatus } from '@murmur/core/protocol/run';

/** One volunteer's control channel, from connection to close. */
export interface Conversation {
  receive(message: VolunteerMessage): void;
  closed(): void;
}

/** One operator page. */
export interface OperatorConversation {
  command(command: OperatorCommand): Promise<CommandAnswer>;
  closed(): void;
}

export interface CoordinatorPort {
  volunteer(
    send: (message: CoordinatorMessage) => void,
    origin: { address: string; host: string },
  ): Conversation;
  operator(push: (snapshot: OperatorSnapshot) => void): OperatorConversation;
  status(): { run: RunInfo; status: RunStatus; volunteers: number };
  rounds(): readonly RoundRecord[];
}
