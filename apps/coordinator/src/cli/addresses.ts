import type { NetworkInterfaceInfo } from 'node:os';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Bridges of containers and virtual machines: reachable from here only, so they come last. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|zt|wg|cni|flannel)/;

/** IPv4 addresses at which others may reach this machine, the likeliest first. */
export function lanAddresses(interfaces: Interfaces): string[] {
  const entries = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).filter((info) => info.family === 'IPv4' && !info.internal).map((info) => ({ name, info })),
  );
  const rank = (name: string) => Number(VIRTUAL.test(name));
  return entries.sort((a, b) => rank(a.name) - rank(b.name)).map((entry) => entry.info.address);
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

const isLocal = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');

/** Hosts for the join address: what was asked for, or every LAN address and, last, this machine's own name. */
export const joinHosts = (host: string, interfaces: Interfaces): string[] =>
  isWildcard(host) ? [...lanAddresses(interfaces), 'localhost'] : [host];

/** The host by which a process on this machine reaches the server. */
export const localHost = (host: string): string => (isWildcard(host) ? '127.0.0.1' : host);

/** The page for volunteers. A token stands in the fragment, which no browser sends or logs. */
export const joinUrl = (host: string, port: number, token?: string): string =>
  `http://${bracketed(host)}:${port}/${token === undefined ? '' : `#join=${encodeURIComponent(token)}`}`;

export const operatorUrl = (host: string, port: number, token: string): string =>
  `http://${bracketed(host)}:${port}/operator#token=${encodeURIComponent(token)}`;

/**
 * STUN addresses of this coordinator for a volunteer that reached it by `reachedBy`. One on this machine is sent to
 * its LAN address all the same: loopback would tell it an address that no other machine can use.
 */
export function stunUrls(reachedBy: string, host: string, port: number, interfaces: Interfaces): string[] {
  const elsewhere = reachedBy !== '' && !isLocal(reachedBy) && !isWildcard(reachedBy);
  const own = isWildcard(host) ? lanAddresses(interfaces).slice(0, 2) : isLocal(host) ? [] : [host];
  const hosts = elsewhere ? [reachedBy] : own.length > 0 ? own : ['127.0.0.1'];
  return hosts.map((h) => `stun:${bracketed(h)}:${port}`);
}

const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
