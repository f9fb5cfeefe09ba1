const MANNERS = (
  'Quiet Brisk Amber Gentle Dusky Nimble Bright Steady Merry Silver Early Bold Calm Clever Copper Eager ' +
  'Fleet Golden Hardy Keen Lively Lucky Mellow Misty Noble Patient Plucky Russet Snowy Spry Sunny Wild'
).split(' ');
const BIRDS = (
  'starling swift wren heron finch lapwing dunlin swallow plover robin knot avocet bunting crane curlew dipper ' +
  'egret fieldfare godwit jackdaw kestrel lark linnet merlin nuthatch oriole osprey pipit siskin teal whimbrel martin'
).split(' ');

const pick = (words: readonly string[], share: number): string =>
  words[Math.floor(share * words.length)] ?? '';

/** A name to start from, such as `Quiet starling`; both shares lie in [0, 1). */
export const friendlyName = (manner: number, bird: number): string =>
  `${pick(MANNERS, manner)} ${pick(BIRDS, bird)}`;

export const NAME_LIMIT = 60;

/** The name as the coordinator accepts it: trimmed, single spaces, at most 60 characters, never empty. */
export const cleanName = (typed: string, fallback: string): string =>
  typed.replace(/\s+/g, ' ').trim().slice(0, NAME_LIMIT).trim() || fallback;
