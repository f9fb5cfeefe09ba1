const MANNERS = [
  'Quiet',
  'Brisk',
  'Amber',
  'Gentle',
  'Dusky',
  'Nimble',
  'Bright',
  'Steady',
  'Merry',
  'Silver',
  'Early',
  'Wild',
];
const BIRDS = [
  'starling',
  'swift',
  'wren',
  'heron',
  'finch',
  'lapwing',
  'dunlin',
  'swallow',
  'plover',
  'robin',
  'knot',
  'martin',
];

const pick = (words: readonly string[], share: number): string =>
  words[Math.floor(share * words.length)] ?? '';

/** A name to start from, such as `Quiet starling`; both shares lie in [0, 1). */
export const friendlyName = (manner: number, bird: number): string =>
  `${pick(MANNERS, manner)} ${pick(BIRDS, bird)}`;

export const NAME_LIMIT = 60;

/** The name as the coordinator accepts it: trimmed, single spaces, at most 60 characters, never empty. */
export const cleanName = (typed: string, fallback: string): string =>
  typed.replace(/\s+/g, ' ').trim().slice(0, NAME_LIMIT).trim() || fallback;
