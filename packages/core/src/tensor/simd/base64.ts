const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bytes of padded base64 (RFC 4648). Throws on a character outside its alphabet. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const values = new Map([...ALPHABET].map((character, value) => [character, value]));
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let [bits, held, written] = [0, 0, 0];
  for (const character of digits) {
    const value = values.get(character);
    if (value === undefined)
      throw new Error(`fromBase64: expected base64, received the character ${character}`);
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = (bits >> held) & 0xff;
  }
  return bytes;
}
