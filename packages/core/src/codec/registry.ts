import { float16 } from './float16.ts';
import { float32 } from './float32.ts';
import { int4 } from './int4.ts';
import { int8 } from './int8.ts';
import { sparse } from './sparse.ts';
import { topk } from './topk.ts';
import type { Codec } from './codec.ts';

const contributionCodecs = { int8, float32, float16, int4, topk } as const;

export type CodecName = keyof typeof contributionCodecs;

/** The names of the codecs that a run may choose and a round manifest name: those of contributions. */
export const CODEC_NAMES = Object.keys(contributionCodecs) as [CodecName, ...CodecName[]];

/** Every codec of contributions, in the order of their names. */
export const CODECS: readonly Codec[] = Object.values(contributionCodecs);

/** The codec of this id; `undefined` when this build does not have it. */
export function codecOf(id: CodecName): Codec;
export function codecOf(id: string): Codec | undefined;
export function codecOf(id: string): Codec | undefined {
  return CODECS.find((codec) => codec.id === id);
}

/**
 * The codec of reduced parts and of updates in a run whose contributions have this one. A mean of sparse contributions
 * has more values than each of them.
 */
export const updateCodecOf = (codec: Codec): Codec => (codec === topk ? sparse : codec);
