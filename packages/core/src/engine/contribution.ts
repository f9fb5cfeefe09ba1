import { aggregate } from '../aggregate/aggregate.ts';
import { weightedMean } from '../aggregate/weightedMean.ts';
import { allFinite } from '../codec/float32.ts';
import { codecOf, updateCodecOf } from '../codec/registry.ts';
import { sha256Hex } from '../hash/sha256.ts';
import type { Weighted } from '../aggregate/average.ts';
import type { Codec, Decoded } from '../codec/codec.ts';
import type { AggregationRule, Part, RoundManifest } from '../protocol/round.ts';
import type { PartContribution, ReduceResult } from '../volunteer/ports.ts';

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
 * What encoding has left out of `intended`, times the codec's feedback; undefined where the codec has none, or where it
 * would not be finite.
 */
export function encodingError(
  intended: Float32Array,
  parts: readonly Part[],
  encoded: readonly Uint8Array[],
  codec: Codec,
): Float32Array | undefined {
  const { feedback } = codec;
  if (feedback === undefined) return undefined;
  const error = new Float32Array(intended.length);
  parts.forEach(({ start, end }, part) => {
    const decoded = codec.decode(encoded[part] as Uint8Array, end - start);
    if (decoded.kind === 'refused')
      throw new Error(`encodingError: ${codec.id} refused its own bytes: ${decoded.detail}`);
    for (let i = start; i < end; i++)
      error[i] = feedback * ((intended[i] as number) - (decoded.values[i - start] as number));
  });
  return allFinite(error) ? error : undefined;
}

/**
 * The owner's work on its part: check, decode, aggregate, encode with the codec of updates (RD6, RD8, AG1, AG2). A contribution with a wrong hash, a wrong
 * size or values that are not finite is left out; `contributors` names those that are in. By `combine` it makes one of the results of several
 * groups (GR3).
 */
export function reducePart(
  { codec, rule }: { codec: Codec; rule: AggregationRule | 'combine' },
  length: number,
  part: number,
  contributions: readonly PartContribution[],
): ReduceResult {
  if (rule === 'combine') return combineResults(codec, length, part, contributions);
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
  return {
    kind: 'reduced',
    bytes: updateCodecOf(codec).encode(mean),
    contributors: taken.map((t) => t.peer),
  };
}

/**
 * GR3: what several groups have made of a part as one, each of the weight in `samples`, the own one first. Decodes and encodes
 * with the codec of updates; what cannot be decoded is left out. Longer ones than three times the own are cut to that: those of many
 * groups are shorter, if anything, than that of one.
 */
function combineResults(
  codec: Codec,
  length: number,
  part: number,
  results: readonly PartContribution[],
): ReduceResult {
  const partialCodec = updateCodecOf(codec);
  const taken = results.flatMap(({ contributor, bytes }) => {
    const decoded = partialCodec.decode(bytes, length);
    return decoded.kind === 'decoded' ? [{ ...contributor, values: decoded.values }] : [];
  });
  if (taken.length === 0)
    return { kind: 'failed', sentence: `No group's result of part ${part} can be decoded.` };
  const values = weightedMean(taken.map(({ values, samples }) => ({ values, weight: samples })));
  if (!allFinite(values)) return { kind: 'failed', sentence: `The average of part ${part} is not finite.` };
  return { kind: 'reduced', bytes: partialCodec.encode(values), contributors: taken.map((t) => t.peer) };
}

/** The codec of reduced parts and updates in a round whose contributions have this one. Throws where this build has none such. */
export function needUpdateCodec(id: string): Codec {
  return updateCodecOf(needCodec(id));
}

/** The codec of contributions with this name. Throws where this build has none such. */
export function needCodec(id: string): Codec {
  const codec = codecOf(id);
  if (!codec) throw new Error(`needCodec: expected a codec of this build, received "${id}"`);
  return codec;
}

/** What bytes of a part that was reduced in this round hold. */
export const decodeReduced = (
  { codec }: Pick<RoundManifest, 'codec'>,
  bytes: Uint8Array,
  length: number,
): Decoded => needUpdateCodec(codec).decode(bytes, length);

/** What an owner would make of these contributions to a part of this round (RD7, AG3). */
export function reduceFor(
  { parts, rule, codec }: Pick<RoundManifest, 'parts' | 'rule' | 'codec'>,
  part: number,
  contributions: readonly PartContribution[],
): ReduceResult {
  const { start, end } = parts[part] ?? { start: 0, end: 0 };
  return reducePart({ codec: needCodec(codec), rule }, end - start, part, contributions);
}
