/** STUN binding (RFC 5389): the two messages that tell a volunteer which address the coordinator sees it at. */
import { crc32 } from '@murmur/core/hash/crc32';

const HEADER_BYTES = 20;
const MAGIC = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e;

/** The transaction id (12 bytes) of a well-formed binding request; undefined for anything else. */
export function readBindingRequest(datagram: Uint8Array): Uint8Array | undefined {
  if (datagram.byteLength < HEADER_BYTES) return undefined;
  const view = viewOf(datagram);
  if (view.getUint16(0) !== BINDING_REQUEST || view.getUint32(4) !== MAGIC) return undefined;
  if (view.getUint16(2) !== datagram.byteLength - HEADER_BYTES) return undefined;
  return attributesAreSound(datagram, view) ? datagram.slice(8, HEADER_BYTES) : undefined;
}

/**
 * Walks the attributes to the end; a fingerprint, when there is one, must be last and right (RFC 5389, §15.5).
 * What the others say does not matter to a mere binding.
 */
function attributesAreSound(datagram: Uint8Array, view: DataView): boolean {
  let at = HEADER_BYTES;
  while (at + 4 <= datagram.byteLength) {
    const size = view.getUint16(at + 2);
    const next = at + 4 + Math.ceil(size / 4) * 4;
    if (view.getUint16(at) === FINGERPRINT) {
      if (size !== 4 || next !== datagram.byteLength) return false;
      return view.getUint32(at + 4) === fingerprint(datagram.subarray(0, at));
    }
    at = next;
  }
  return at === datagram.byteLength;
}

/** CRC-32 of everything before the attribute, crossed with "STUN". */
export const fingerprint = (before: Uint8Array): number => (crc32(before) ^ FINGERPRINT_XOR) >>> 0;

/** The success response with XOR-MAPPED-ADDRESS; `address` is 4 or 16 bytes. */
export function bindingResponse(transaction: Uint8Array, address: Uint8Array, port: number): Uint8Array {
  const response = new Uint8Array(HEADER_BYTES + 8 + address.byteLength);
  const view = viewOf(response);
  view.setUint16(0, BINDING_SUCCESS);
  view.setUint16(2, 8 + address.byteLength);
  view.setUint32(4, MAGIC);
  response.set(transaction, 8);
  view.setUint16(20, XOR_MAPPED_ADDRESS);
  view.setUint16(22, 4 + address.byteLength);
  view.setUint16(24, address.byteLength === 4 ? 1 : 2);
  view.setUint16(26, port ^ (MAGIC >>> 16));
  // The address is crossed with the magic cookie and the transaction id: bytes 4 to 20 of the header.
  response.set(
    address.map((byte, i) => byte ^ (response[4 + i] ?? 0)),
    28,
  );
  return response;
}

/** Bytes of an IPv4 or IPv6 address in text; IPv4 inside IPv6 counts as IPv4. Undefined when it is neither. */
export function addressBytes(text: string): Uint8Array | undefined {
  const bare = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return bare.includes(':') ? ipv6Bytes(bare) : ipv4Bytes(bare);
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const numbers = parts.map(Number);
  const sound =
    parts.length === 4 && parts.every((p) => /^\d{1,3}$/.test(p)) && numbers.every((n) => n < 256);
  return sound ? Uint8Array.from(numbers) : undefined;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = halves;
  const zeros = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 1 ? zeros !== 0 : zeros < 1)) return undefined;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  if (!groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g))) return undefined;
  return Uint8Array.from(groups.flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 255]));
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
