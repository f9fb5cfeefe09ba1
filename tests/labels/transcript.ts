import { gunzipSync } from 'node:zlib';

/** All that was sent to somebody: the bytes by what they were, in the order in which they came. */
export type Transcript = ReadonlyMap<string, Uint8Array>;

/** What is random by nature, and what it is called instead. */
export type Aliases = readonly (readonly [text: string, alias: string])[];

/** Latin-1, so that every byte is one character and comes back as it was. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The same with every alias in the place of its text, in names as in bytes. */
export function withAliases(transcript: Transcript, aliases: Aliases): Transcript {
  const told = (text: string) => aliases.reduce((rest, [from, to]) => rest.replaceAll(from, to), text);
  return new Map(
    [...transcript].map(([name, bytes]) => [told(name), Buffer.from(told(textOf(bytes)), 'latin1')]),
  );
}

/** What is in one of them only, or differs by a single byte: a sentence each. */
export function differences(one: Transcript, other: Transcript): string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].flatMap((name) => {
    const [mine, yours] = [one.get(name), other.get(name)];
    if (!mine || !yours) return [`${name} was sent in one run only`];
    if (Buffer.from(mine).equals(yours)) return [];
    const at = mine.findIndex((byte, i) => byte !== yours[i]);
    return [
      `${name} differs from byte ${at < 0 ? mine.length : at} on: ${excerpt(mine, at)} | ${excerpt(yours, at)}`,
    ];
  });
}

const excerpt = (bytes: Uint8Array, at: number): string =>
  JSON.stringify(textOf(bytes.subarray(Math.max(0, at - 40), Math.max(0, at) + 60)));

/** Which of these words stand anywhere in what was sent, in packed content too: a sentence each. */
export function mentions(transcript: Transcript, words: readonly string[]): string[] {
  return [...transcript].flatMap(([name, bytes]) => {
    const texts = [textOf(bytes), textOf(unpacked(bytes))].map((text) => text.toLowerCase());
    const found = words.filter((word) => texts.some((text) => text.includes(word.toLowerCase())));
    return found.map((word) => `${name} holds the word ${word}`);
  });
}

/** What a gzip file holds; nothing for anything else. */
function unpacked(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : new Uint8Array(0);
}
