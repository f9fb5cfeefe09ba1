import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openStun } from './stun.ts';
import { addressBytes, bindingResponse, fingerprint, readBindingRequest } from './stunMessage.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));

/** RFC 5769, §2.1: "Sample Request". */
const SAMPLE_REQUEST = bytes(`
  00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
  00 24 00 04 6e 00 01 ff 80 29 00 08 93 2f f9 b1 51 26 3b 36
  00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
  00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
  80 28 00 04 e5 7a 3b cf`);
const TRANSACTION = bytes('b7 e7 a7 01 bc 34 d6 86 fa 87 df ae');
const plainRequest = bytes('00 01 00 00 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae');

describe('STUN messages', () => {
  it('reads the sample request of RFC 5769, its fingerprint included', () => {
    expect(readBindingRequest(SAMPLE_REQUEST)).toEqual(TRANSACTION);
    expect(fingerprint(SAMPLE_REQUEST.subarray(0, -8))).toBe(0xe57a3bcf);
  });

  it('writes the XOR-MAPPED-ADDRESS of RFC 5769, §2.2 (IPv4) and §2.3 (IPv6)', () => {
    const v4 = bindingResponse(TRANSACTION, Uint8Array.of(192, 0, 2, 1), 32853);
    expect(v4).toEqual(
      bytes('01 01 00 0c 21 12 a4 42 b7e7a701bc34d686fa87dfae 00 20 00 08 00 01 a1 47 e1 12 a6 43'),
    );
    const address = addressBytes('2001:db8:1234:5678:11:2233:4455:6677') ?? new Uint8Array();
    expect(bindingResponse(TRANSACTION, address, 32853)).toEqual(
      bytes(`01 01 00 18 21 12 a4 42 b7e7a701bc34d686fa87dfae
        00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9`),
    );
  });

  it('takes a request without attributes', () => {
    expect(readBindingRequest(plainRequest)).toEqual(TRANSACTION);
  });

  it('ignores every single-byte corruption of the header and of a fingerprinted request', () => {
    const fingerprintType = SAMPLE_REQUEST.length - 8; // Without it there is nothing to check against.
    for (let i = 0; i < SAMPLE_REQUEST.length; i++) {
      if (i === fingerprintType || i === fingerprintType + 1) continue;
      const broken = SAMPLE_REQUEST.slice();
      broken[i] = (broken[i] ?? 0) ^ 0x10;
      expect(readBindingRequest(broken), `byte ${i}`).toBeUndefined();
    }
  });

  it('ignores every truncation and every addition', () => {
    for (let length = 0; length < SAMPLE_REQUEST.length; length++) {
      expect(readBindingRequest(SAMPLE_REQUEST.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
    expect(readBindingRequest(Uint8Array.of(...plainRequest, 0, 0, 0, 0))).toBeUndefined();
  });

  it.each([
    ['1.2.3.4', [1, 2, 3, 4]],
    ['::ffff:10.0.0.7', [10, 0, 0, 7]],
    ['::1', [...Array<number>(15).fill(0), 1]],
    ['fe80::a:1%eth0', [0xfe, 0x80, ...Array<number>(10).fill(0), 0, 10, 0, 1]],
  ])('reads the address %s', (text, expected) => {
    expect([...(addressBytes(text) ?? [])]).toEqual(expected);
  });

  it.each(['', '1.2.3', '1.2.3.256', '1::2::3', '1:2:3', 'host', '1:2:3:4:5:6:7:8:9', 'g::1'])(
    'refuses the address %j',
    (text) => expect(addressBytes(text)).toBeUndefined(),
  );
});

describe('STUN responder', () => {
  it('LK2: tells a client on loopback its own port, and ignores and counts what is no request', async () => {
    const responder = await openStun(0, '127.0.0.1');
    const client = createSocket('udp4');
    client.bind(0, '127.0.0.1');
    await once(client, 'listening');
    const answered = once(client, 'message');
    client.send(Buffer.from('GET / HTTP/1.1'), responder.port, '127.0.0.1');
    client.send(plainRequest, responder.port, '127.0.0.1');
    const [response] = (await answered) as [Buffer];
    expect(Uint8Array.from(response)).toEqual(
      bindingResponse(TRANSACTION, Uint8Array.of(127, 0, 0, 1), client.address().port),
    );
    expect(responder.counts()).toEqual({ answered: 1, ignored: 1 });
    client.close();
    responder.close();
  });

  it('rejects when the port is taken', async () => {
    const first = await openStun(0, '127.0.0.1');
    await expect(openStun(first.port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
    first.close();
  });
});
