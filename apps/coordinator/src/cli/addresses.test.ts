import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { joinHosts, joinUrl, lanAddresses, localHost, operatorUrl, stunUrls } from './addresses.ts';

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '',
  cidr: null,
});
const v6 = (address: string): NetworkInterfaceInfo => ({
  address,
  internal: false,
  family: 'IPv6',
  netmask: '',
  mac: '',
  cidr: null,
  scopeid: 0,
});
const interfaces = {
  lo: [v4('127.0.0.1', true)],
  docker0: [v4('172.17.0.1')],
  wlan0: [v6('fe80::1'), v4('192.168.1.5')],
  eth0: [v4('10.0.0.9')],
};

describe('addresses', () => {
  it('list what others can reach, bridges last', () => {
    expect(lanAddresses(interfaces)).toEqual(['192.168.1.5', '10.0.0.9', '172.17.0.1']);
    expect(joinHosts('0.0.0.0', interfaces)).toEqual(['192.168.1.5', '10.0.0.9', '172.17.0.1', 'localhost']);
    expect(joinHosts('0.0.0.0', { lo: interfaces.lo })).toEqual(['localhost']);
    expect(joinHosts('192.168.1.5', interfaces)).toEqual(['192.168.1.5']);
  });

  it('make addresses with tokens in the fragment', () => {
    expect(joinUrl('10.0.0.9', 7600)).toBe('http://10.0.0.9:7600/');
    expect(joinUrl('::1', 80, 'a b&c')).toBe('http://[::1]:80/#join=a%20b%26c');
    expect(operatorUrl('localhost', 7600, 'abc')).toBe('http://localhost:7600/operator#token=abc');
  });

  it('reach this machine by loopback unless it listens elsewhere', () => {
    expect([localHost('0.0.0.0'), localHost('::'), localHost('10.0.0.9')]).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '10.0.0.9',
    ]);
  });

  it('name the STUN server by what reached it, or by what every network reaches', () => {
    const { eth0 } = interfaces;
    expect(stunUrls('murmur.school', '0.0.0.0', 7600, { eth0 })).toEqual(['stun:murmur.school:7600']);
    expect(stunUrls('[fe80::1]', '::', 7600, { eth0 })).toEqual(['stun:[fe80::1]:7600']);
    expect(stunUrls('127.0.0.1', '0.0.0.0', 7600, { eth0 })).toEqual(['stun:10.0.0.9:7600']);
    expect(stunUrls('localhost', '0.0.0.0', 7600, {})).toEqual(['stun:127.0.0.1:7600']);
    expect(stunUrls('127.0.0.1', '127.0.0.1', 7600, { eth0 })).toEqual(['stun:127.0.0.1:7600']);
    expect(stunUrls('', '10.0.0.9', 7600, { eth0 })).toEqual(['stun:10.0.0.9:7600']);
  });
});
