/**
 * A received value with every piece of binary as a plain `Uint8Array`: socket.io gives `ArrayBuffer` in a page and
 * `Buffer` on Node, whose `slice` shares memory.
 */
export function withPlainBytes(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map(withPlainBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withPlainBytes(inner)]));
}
