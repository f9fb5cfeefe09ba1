import { platform } from 'node:os';
import { ip, run, tryTo } from './ip.ts';

/** Names of namespaces are this, the process that made them, and a name: so that those of a process that crashed are known. */
const PREFIX = 'murmur-net';
const SUBNET = '10.77.0';

/** A machine of its own on the bridge. */
export interface Host {
  readonly address: string;
  /** Put before a command, this runs it on that machine. */
  readonly within: readonly string[];
  /** Packets to this address vanish. */
  loseTo(address: string): void;
  /** Delays, loses and slows what this machine sends; throws where the kernel has no netem. */
  impair(netem: readonly string[]): void;
}

/** Machines on one bridge, each a network namespace. The bridge is in a namespace, too: deleting them leaves nothing behind. */
export interface Network {
  /** On the bridge itself. */
  readonly hub: Host;
  addHost(name: string): Host;
  close(): void;
}

/** Why there can be no namespaces here, as a sentence; undefined where there can. */
export function whyNoNamespaces(): string | undefined {
  if (platform() !== 'linux') return `network namespaces are of Linux, and this is ${platform()}`;
  const why = tryTo(() => openNetwork().close());
  return why && `this machine or user cannot make network namespaces (${why})`;
}

/** Why links cannot be impaired here, as a sentence; undefined where they can. */
export function whyNoNetem(): string | undefined {
  const missing = whyNoNamespaces();
  if (missing !== undefined) return missing;
  const network = openNetwork();
  try {
    const why = tryTo(() => network.addHost('probe').impair(['delay', '1ms']));
    return why && `the kernel has no netem (${why})`;
  } finally {
    network.close();
  }
}

export function openNetwork(): Network {
  removeStale();
  const made: string[] = [];
  const nameOf = (name: string) => `${PREFIX}-${process.pid}-${name}`;
  const address = () => `${SUBNET}.${made.length}`;

  function addNamespace(name: string): string {
    const namespace = nameOf(name);
    ip('netns', 'add', namespace);
    made.push(namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    // Only addresses that the scenario knows: on IPv6 a machine would have further ways to another.
    within(namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    return namespace;
  }
  const close = () => {
    for (const namespace of made.splice(0)) remove(namespace);
  };

  try {
    const hub = addNamespace('hub');
    ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge');
    bringUp(hub, 'bridge', address());
    return {
      hub: hostOf(hub, 'bridge', address()),
      addHost(name) {
        const host = addNamespace(name);
        const port = `to-${name}`;
        ip('-n', hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
        ip('-n', hub, 'link', 'set', port, 'master', 'bridge', 'up');
        bringUp(host, 'eth0', address());
        return hostOf(host, 'eth0', address());
      },
      close,
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

const within = (namespace: string, ...command: readonly string[]): string =>
  ip('netns', 'exec', namespace, ...command);

function bringUp(namespace: string, device: string, address: string): void {
  ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', device);
  ip('-n', namespace, 'link', 'set', device, 'up');
}

const hostOf = (namespace: string, device: string, address: string): Host => ({
  address,
  within: ['ip', 'netns', 'exec', namespace],
  loseTo: (other) => void ip('-n', namespace, 'route', 'add', 'blackhole', `${other}/32`),
  impair: (netem) => void within(namespace, 'tc', 'qdisc', 'add', 'dev', device, 'root', 'netem', ...netem),
});

/** With the processes that are left in it: a namespace lives as long as they do. */
function remove(namespace: string): void {
  for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean))
    tryTo(() => process.kill(Number(pid), 'SIGKILL'));
  ip('netns', 'delete', namespace);
}

/** Of processes that ended without deleting them. */
function removeStale(): void {
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ');
    const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && tryTo(() => process.kill(Number(pid), 0)) !== undefined) remove(name);
  }
}
