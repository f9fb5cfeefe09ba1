/** Volunteers with the real protocol, links and codecs, and an engine that trains nothing. */
import { hostClock } from '@murmur/client/host/hostClock';
import { nodeLinks } from '@murmur/client/headless/nodeLinks';
import { createSocketControl } from '@murmur/client/host/socketControl';
import { codecOf, type CodecName } from '@murmur/core/codec/registry';
import { MOST_MEMBERS } from '@murmur/core/protocol/round';
import type { LinkPort, VolunteerPorts } from '@murmur/core/volunteer/ports';
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { createVolunteer } from '@murmur/core/volunteer/volunteer';
import { createVersions, syntheticEngine } from './syntheticEngine.ts';

/** Plain, so that it can be sent to another process. */
export interface CrowdPlan {
  readonly origin: string;
  readonly codec: CodecName;
  readonly parameters: number;
  readonly schemaHash: string;
  /** Of the whole run. */
  readonly peers: number;
  /** Which of these are here: `count` of them from the one with this index. */
  readonly from: number;
  readonly count: number;
}

/** Bytes that each volunteer has sent over data channels, and through the relay. */
export interface Sent {
  readonly meshBytes: readonly number[];
  readonly relayBytes: readonly number[];
}

export interface Crowd {
  /** Rejects where it ends before it is told to leave. */
  readonly ended: Promise<never>;
  /** All of them leave; what they had sent until then. Asked again, it says the same. */
  leave(): Promise<Sent>;
}

/** Lets them join, over links of one process or over data channels. */
export function openCrowd(
  { origin, codec: name, parameters, schemaHash, peers, from, count }: CrowdPlan,
  links: LinkPort = nodeLinks(),
): Crowd {
  const codec = codecOf(name);
  const versions = createVersions(codec, new Float32Array(parameters));
  const views = new Map<number, VolunteerView>();
  const waiting = new Map<number, () => void>();
  const indices = Array.from({ length: count }, (_, i) => from + i);
  const volunteers = indices.map((i) => {
    const meshed = () =>
      new Promise<void>((resolve) => {
        const look = () => isMeshed(views.get(i), peers) && waiting.delete(i) && resolve();
        waiting.set(i, look);
        look();
      });
    const engine = syntheticEngine({ codec, parameters, schemaHash, seed: i, versions, meshed });
    return createVolunteer(portsOf({ origin, index: i, engine, links }), (view) => {
      views.set(i, view);
      waiting.get(i)?.();
    });
  });
  for (const volunteer of volunteers) volunteer.join();
  return {
    // It ends with this process.
    ended: new Promise(() => undefined),
    async leave() {
      const last = indices.map((i) => views.get(i));
      for (const volunteer of volunteers) volunteer.leave();
      return {
        meshBytes: last.map((view) => view?.meshBytes ?? 0),
        relayBytes: last.map((view) => view?.relayBytes ?? 0),
      };
    },
  };
}

/** Linked to all of one group; of several groups with as many as its own has others. */
const isMeshed = (view: VolunteerView | undefined, peers: number): boolean => {
  const linked = view?.peers.filter(({ link }) => link === 'mesh').length ?? 0;
  return linked >= Math.floor(peers / Math.ceil(peers / MOST_MEMBERS)) - 1;
};

const nothing = (): void => undefined;

function portsOf({
  origin,
  index,
  engine,
  links,
}: {
  readonly origin: string;
  readonly index: number;
  readonly engine: VolunteerPorts['engine'];
  readonly links: LinkPort;
}): VolunteerPorts {
  const clock = hostClock;
  return {
    ...{ host: 'headless', name: `volunteer ${index + 1}`, token: undefined, clock, engine, log: nothing },
    control: createSocketControl({ origin, clock, log: nothing }),
    links,
    // Nothing is trained on, and versions are shared.
    fetch: {
      snapshot: async () => new Uint8Array(),
      shard: async () => new Uint8Array(),
      forgetShard: async () => undefined,
    },
  };
}
