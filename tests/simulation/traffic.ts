/** What a round sends and how long its exchange takes, with however many volunteers: no training, no faults. */
import { codecOf, type CodecName } from '@murmur/core/codec/registry';
import { key as makeKey } from '@murmur/core/random/key';
import type { Scenario } from './scenario.ts';
import { QUIET } from './utilisation.ts';
import { createWorld } from './world.ts';

export interface TrafficPlan {
  readonly peers: number;
  readonly codec: CodecName;
  /** Of the model that the short vector stands for. */
  readonly parameters: number;
  /** Bits per second up; downloads take no time. */
  readonly uplinkBits: number;
  /** Up to so long is every message on its way, on average half. */
  readonly mostDelayMs: number;
}

/** Means over the rounds. */
export interface Traffic extends TrafficPlan {
  readonly groups: number;
  readonly rounds: number;
  /** Of one encoded copy of the parameters. */
  readonly encodedBytes: number;
  /** What a volunteer sends to others and to the coordinator, on average, and the one that sends most. */
  readonly volunteerBytes: number;
  readonly mostVolunteerBytes: number;
  /** Reduced parts, updates and audits; in bytes and in encoded copies. */
  readonly coordinatorBytes: number;
  readonly coordinatorCopies: number;
  /** Messages of the coordinator to each volunteer, parameters aside. */
  readonly talkBytes: number;
  readonly exchangeMs: number;
}

/** Enough for the parts of a full group; float32, so that bytes are those of copies exactly. */
const PARAMETERS = 2_048;
const COPY_BYTES = 4 * PARAMETERS;
const ROUNDS = 4;
/** Of a crowd so large that a round takes minutes to play. */
const [HUGE, HUGE_ROUNDS] = [2_000, 2];
const MOST_MS = 1e8;

/** Throws where a round is not whole: nothing fails here. */
export function trafficOf(plan: TrafficPlan): Traffic {
  const { peers, codec, parameters, uplinkBits, mostDelayMs } = plan;
  const encodedBytes = codecOf(codec).encodedBytes(parameters);
  const scale = COPY_BYTES / encodedBytes;
  const steady = { stepMs: 1, uplink: (uplinkBits / 8) * scale };
  const scenario: Scenario = {
    ...{ ...QUIET, key: makeKey(1), codec: 'float32', volunteers: peers, mostDelayMs, steady },
  };
  const { coordinator, network, counts } = createWorld(scenario, PARAMETERS);
  const rounds = peers > HUGE ? HUGE_ROUNDS : ROUNDS;
  while (coordinator.records.length < rounds && network.step(MOST_MS));
  coordinator.command('pause');
  while (network.step(MOST_MS));
  const { records } = coordinator;
  const whole =
    records.length >= rounds && records.every((r) => r.volunteers === peers && r.missingParts === 0);
  if (!whole) throw new Error(`trafficOf: expected ${rounds} whole rounds, received ${records.length}`);
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  const inRound = (bytes: number) => bytes / records.length / scale;
  // What an audit costs may be known after the record of its round is closed.
  const { helpBytes } = coordinator.state();
  const coordinatorBytes = inRound(sum(records.map((r) => r.coordinatorBytes)) + helpBytes);
  return {
    ...plan,
    groups: [...coordinator.commits.values()].at(-1)?.groups.length ?? 0,
    rounds: records.length,
    encodedBytes,
    volunteerBytes: inRound(sum(counts.sentBy.values()) / peers),
    mostVolunteerBytes: inRound(Math.max(...counts.sentBy.values())),
    coordinatorBytes,
    coordinatorCopies: coordinatorBytes / encodedBytes,
    talkBytes: coordinator.talk.bytes / peers / records.length,
    exchangeMs: sum(records.map((r) => r.exchangeMs)) / records.length,
  };
}
