import { float32Bytes, sha256Hex } from '../hash/sha256.ts';

/** A version's name: SHA-256 of its canonical bytes, float32 little-endian in manifest order (VS1). */
export const versionName = (params: Float32Array): string => sha256Hex(float32Bytes(params));
