import { expect, test } from 'vitest';
import type { VolunteerMessage } from '../protocol/messages.ts';
import type { ControlPort, EngineHandlers, EnginePort, VolunteerPorts } from './ports.ts';
import { NO_COMPUTE } from './view.ts';
import { createVolunteer } from './volunteer.ts';

const HASH = (c: string) => c.repeat(64);
const unused = () => Promise.reject(new Error('not asked for here'));

/** A volunteer whose engine and coordinator are played by the test. */
function bench() {
  const said: VolunteerMessage[] = [];
  let engineHandlers: EngineHandlers | undefined;
  let handlers: Parameters<ControlPort['open']>[0] | undefined;
  const engine: EnginePort = {
    ...{ train: unused, reduce: unused, apply: unused, preview: unused, settle: unused, dispose: unused },
    ...{ addShard: unused, missingShards: unused, cancel: async () => undefined },
    prepare: async () => ({ schemaHash: HASH('5'), device: 'test' }),
    load: async () => ({ kind: 'loaded' }),
    watch: (watchers) => void (engineHandlers = watchers),
    setThrottle: () => undefined,
    setWorkers: () => undefined,
  };
  const ports: VolunteerPorts = {
    ...{ host: 'headless', name: 'Ada', token: undefined, engine, log: () => undefined },
    clock: { now: () => 0, after: () => () => undefined },
    control: {
      open: (given) => void (handlers = given),
      send: (message) => void said.push(message),
      relay: unused,
      close: () => undefined,
    },
    links: {
      open() {
        throw new Error('no link is opened here');
      },
    },
    fetch: { snapshot: async () => new Uint8Array(), shard: unused, forgetShard: unused },
  };
  const volunteer = createVolunteer(ports, () => undefined);
  if (!engineHandlers) throw new Error('expected the volunteer to watch its engine');
  const { onCompute } = engineHandlers;
  return {
    said,
    coordinator() {
      volunteer.join();
      if (!handlers) throw new Error('expected the volunteer to connect');
      return handlers;
    },
    /** So many run, and so many are granted. */
    compute: (workers: number, wantedWorkers: number) => onCompute({ ...NO_COMPUTE, workers, wantedWorkers }),
  };
}

test('RD2: the coordinator is told how many workers will train: those that run and are granted', async () => {
  const { said, coordinator, compute } = bench();
  compute(2, 3);
  const { onConnected, onMessage } = coordinator();
  onConnected();
  onMessage({
    ...{ type: 'welcome', peer: 'anna', secret: 's', iceServers: [] },
    status: { phase: 'running', round: 0, version: HASH('0'), progress: 0 },
    run: {
      ...{ run: 'r', name: 'r', objective: 'mae', preset: 'nano', parameters: 8, schemaHash: HASH('5') },
      ...{ model: {}, dataset: {}, target: { kind: 'rounds', amount: 1 } },
    },
  });
  for (let i = 0; i < 20; i++) await Promise.resolve();
  compute(3, 3);
  compute(3, 1);
  compute(1, 1);
  compute(0, 1);
  expect(said.map((m) => (m.type === 'available' ? m.workers : m.type))).toEqual(['hello', 2, 3, 1]);
});
