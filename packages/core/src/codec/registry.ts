import { float32 } from './float32.ts';
import { int8 } from './int8.ts';
import type { Codec } from './codec.ts';

/** Every codec that a round manifest may name. */
export const CODECS: readonly Codec[] = [int8, float32];

/** The codec of this id; `undefined` when this build does not have it. */
export const codecOf = (id: string): Codec | undefined => CODECS.find((codec) => codec.id === id);
