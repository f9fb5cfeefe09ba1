import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNetwork, whyNoNamespaces, whyNoNetem, type Host, type Network } from './namespaces.ts';
import { startRun, type RealRun } from './realRun.ts';

/** A scenario takes a quarter of a minute on two free cores. */
const MOST_MS = 180_000;

const noNamespaces = whyNoNamespaces();
const noNetem = whyNoNetem();
for (const why of new Set([noNamespaces, noNetem]))
  if (why) console.warn(`Network scenarios are left out: ${why}.`);

let dir: string;
let network: Network | undefined;
let run: RealRun | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-network-'));
});
afterEach(async () => {
  await run?.stop();
  network?.close();
  [run, network] = [undefined, undefined];
  await rm(dir, { recursive: true, force: true });
});

/** Three volunteers on machines of their own, after `shape` has been at their network. */
async function threeOnABridge(shape: (hosts: readonly [Host, Host, Host]) => void): Promise<RealRun> {
  network = openNetwork();
  const hosts = [network.addHost('one'), network.addHost('two'), network.addHost('three')] as const;
  shape(hosts);
  run = await startRun(network.hub, hosts, dir);
  return run;
}

test.skipIf(noNamespaces)(
  'LK1 LK2: three machines on one network mesh over WebRTC, and every round commits',
  async () => {
    const three = await threeOnABridge(() => undefined);
    const { version } = await three.round(({ meshBytes, relayBytes }) => meshBytes > 0 && relayBytes === 0);
    expect(three.all().filter(({ reason }) => reason)).toEqual([]);
    await three.held(version);
  },
  MOST_MS,
);

test.skipIf(noNamespaces)(
  'LK1 LK6: two machines that cannot reach each other are relayed, the others mesh, and all hold one version',
  async () => {
    const three = await threeOnABridge(([one, two]) => {
      one.loseTo(two.address);
      two.loseTo(one.address);
    });
    const { version } = await three.round(({ meshBytes, relayBytes }) => meshBytes > 0 && relayBytes > 0);
    expect(three.all().filter(({ reason }) => reason)).toEqual([]);
    await three.held(version);
    // Each end of the pair says so.
    const unopened = three.sentences().filter((sentence) => sentence.includes('did not open in 6 s'));
    expect(unopened.length).toBeGreaterThanOrEqual(2);
  },
  MOST_MS,
);

test.skipIf(noNetem)(
  'RD9: rounds commit over links with 100 ms of delay, 1 % of loss and 10 Mbit/s up',
  async () => {
    const three = await threeOnABridge((hosts) => {
      for (const host of hosts) host.impair(['delay', '100ms', 'loss', '1%', 'rate', '10mbit']);
    });
    const { version } = await three.round(() => true);
    expect(three.all().filter(({ reason }) => reason)).toEqual([]);
    await three.held(version);
  },
  MOST_MS,
);
