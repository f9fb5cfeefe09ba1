import { aggregate } from '../aggregate/aggregate.ts';
import { allFinite } from '../codec/float32.ts';
import { sha256Hex } from '../hash/sha256.ts';
import type { Weighted } from '../aggregate/average.ts';
import type { Codec } from '../codec/codec.ts';
import type { AggregationRule, Part } from '../protocol/round.ts';
import type { PartContribution, ReduceResult } from '../volunteer/ports.ts';

/** Euclidean length, summed in float64; not finite where a value is not. */
export function norm(values: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] as number) ** 2;
  return Math.sqrt(squares);
}

/** Encodes a vector part by part and names the pieces by their hashes (RD3). */
export function encodeParts(
  values: Float32Array,
  parts: readonly Part[],
  codec: Codec,
): { parts: Uint8Array[]; hashes: string[] } {
  const encoded = parts.map(({ start, end }) => codec.encode(values.subarray(start, end)));
  return { parts: encoded, hashes: encoded.map(sha256Hex) };
}

/**
 * The owner's work on its part: check, decode, aggregate, encode (RD6, AG1, AG2). A contribution with a wrong hash, a wrong
 * size or values that are not finite is left out; `contributors` names those that are in.
 */
export function reducePart(
  { codec, rule }: { codec: Codec; rule: AggregationRule },
  length: number,
  part: number,
  contributions: readonly PartContribution[],
): ReduceResult {
  const taken: { peer: string; weighted: Weighted }[] = [];
  for (const { contributor, bytes } of contributions) {
    if (contributor.hashes[part] !== sha256Hex(bytes)) continue;
    const decoded = codec.decode(bytes, length);
    if (decoded.kind === 'refused') continue;
    const { peer, samples, steps } = contributor;
    taken.push({ peer, weighted: { values: decoded.values, samples, steps } });
  }
  if (taken.length === 0) {
    const sentence = `None of the ${contributions.length} contributions to part ${part} was what had been announced.`;
    return { kind: 'failed', sentence };
  }
  const mean = aggregate(
    rule,
    taken.map((t) => t.weighted),
  );
  // Finite pseudo-gradients can still sum to infinity.
  if (!allFinite(mean)) return { kind: 'failed', sentence: `The average of part ${part} is not finite.` };
  return { kind: 'reduced', bytes: codec.encode(mean), contributors: taken.map((t) => t.peer) };
}
