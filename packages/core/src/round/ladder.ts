/** Which codec a round has where nobody has fixed one: the finest that the members' links carry in good time (CD3). */
import { CODEC_NAMES, codecOf, updateCodecOf, type CodecName } from '../codec/registry.ts';
import { uplinkShares } from './uplink.ts';

/** What an operator may ask for. */
export const wantedCodecs = ['auto', ...CODEC_NAMES] as const;
export type WantedCodec = (typeof wantedCodecs)[number];

/**
 * From fine to coarse. Finer than int8 gains nothing that can be measured, on however fast a link; `topk` costs too much
 * accuracy for anything but a person to choose it (docs/results/codecs).
 */
const LADDER = ['int8', 'int4'] as const satisfies readonly CodecName[];
/** Above this the time in which all have sent is felt: a coarser codec is taken where there is one. */
const SLOW_MS = 1_000;
/** A finer one only where it would take less than this, or the codec would change from round to round. */
const EASY_MS = 500;

export interface Links {
  readonly parameters: number;
  /** Of all members, in bytes per second; undefined ones count as the median of the others. */
  readonly uplinks: readonly (number | undefined)[];
}

/**
 * How long it takes until the last of the members has sent its contribution and its updates, the parts being cut by uplink
 * (RD11); undefined where no uplink is known.
 */
export function sendingMs(name: CodecName, { parameters, uplinks }: Links): number | undefined {
  const known = uplinks.filter((uplink) => uplink !== undefined).sort((a, b) => a - b);
  const typical = known[Math.floor((known.length - 1) / 2)];
  if (typical === undefined) return undefined;
  const codec = codecOf(name);
  const [contribution, update] = [codec, updateCodecOf(codec)].map((c) => c.encodedBytes(parameters)) as [
    number,
    number,
  ];
  const others = uplinks.length - 1;
  const seconds = uplinkShares(uplinks, uplinks.length).map((share, i) => {
    const bytes = (1 - share) * contribution + others * share * update;
    return bytes / Math.max(1, uplinks[i] ?? typical);
  });
  return 1_000 * Math.max(...seconds);
}

/** The codec of the next round after one with `before`; that of the first is the finest. */
export function chooseCodec(before: CodecName | undefined, links: Links): CodecName {
  const rungs: readonly CodecName[] = LADDER;
  const at = before === undefined ? -1 : rungs.indexOf(before);
  const fits = rungs.find((name, i) => {
    const ms = sendingMs(name, links);
    return ms === undefined ? i >= at : ms <= (i < at ? EASY_MS : SLOW_MS);
  });
  return fits ?? (rungs.at(-1) as CodecName);
}
