import { networkInterfaces } from 'node:os';
import { joinHosts, joinUrl, localHost, operatorUrl, stunUrls } from './addresses.ts';
import type { ServeOptions } from './resolveOptions.ts';

/** The addresses of a coordinator. Its port is known only once the server listens; networks come and go. */
export interface AddressBook {
  listening(port: number): void;
  port(): number;
  join(): string[];
  /** STUN here, by the name that reached this machine where that is no loopback. */
  stun(reachedBy: string): string[];
  operator(token: string): string;
  /** For processes on this machine. */
  local(): string;
  /** For those who stand before the projected QR code. */
  shown(withToken: boolean): string;
}

export function addressBook(options: ServeOptions): AddressBook {
  let port = options.port;
  const hosts = () => joinHosts(options.host, networkInterfaces());
  return {
    listening: (bound) => void (port = bound),
    port: () => port,
    join: () => hosts().map((host) => joinUrl(host, port, options.joinToken)),
    stun: (reachedBy) => stunUrls(reachedBy, options.host, port, networkInterfaces()),
    operator: (token) => operatorUrl(localHost(options.host), port, token),
    local: () => joinUrl(localHost(options.host), port, options.joinToken),
    shown: (withToken) => joinUrl(hosts()[0] ?? 'localhost', port, withToken ? options.joinToken : undefined),
  };
}
