/**
 * The safetensors file format (huggingface/safetensors), float32 only: u64 little-endian header length, a JSON
 * header padded with spaces to a multiple of 8 bytes, then the values of all tensors end to end.
 */
import { strFromU8, strToU8 } from 'fflate';
import { z } from 'zod';
import { elementCount } from '../tensor/params.ts';
import { duplicateKey } from './duplicateKey.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

export type SafetensorsFailure = {
  readonly kind: 'failed';
  readonly reason: 'truncated' | 'header' | 'tensor' | 'layout';
  readonly sentence: string;
};

export type SafetensorsResult =
  | {
      readonly kind: 'read';
      /** In the order of their bytes. */
      readonly tensors: readonly NamedTensor[];
      readonly metadata: ReadonlyMap<string, string>;
      /** The data section: the bytes of all values, end to end. */
      readonly data: Uint8Array;
    }
  | SafetensorsFailure;

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_RANK = 8;
const OPENING_BRACE = 0x7b;
const METADATA = '__metadata__';

const entrySchema = z.strictObject({
  dtype: z.literal('F32'),
  shape: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(2 ** 31),
    )
    .max(MAX_RANK),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
const metadataSchema = z.record(z.string(), z.string());

/** One file, tensors in the order given. Throws when a value count does not match its shape or a name repeats. */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const header = headerText(tensors, metadata);
  const start = LENGTH_BYTES + header.length;
  const total = tensors.reduce((bytes, tensor) => bytes + tensor.values.byteLength, start);
  const file = new Uint8Array(total);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let offset = start;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return file;
}

/** Padded so that the data start at a multiple of 8 bytes. */
function headerText(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const entries = new Map<string, unknown>([[METADATA, metadata]]);
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    if (entries.has(name))
      throw new Error(`writeSafetensors: expected distinct names, received ${name} twice`);
    if (values.length !== elementCount(shape)) {
      throw new Error(
        `writeSafetensors: expected ${elementCount(shape)} values for ${name}, received ${values.length}`,
      );
    }
    entries.set(name, { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] });
    offset += values.byteLength;
  }
  const fields = Array.from(entries, ([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  const json = strToU8(`{${fields.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(json);
  return padded;
}

/** Reads a file from anywhere: whatever the bytes, the answer is tensors or a sentence. Borrows where aligned. */
export function readSafetensors(file: Uint8Array): SafetensorsResult {
  // A plain view: a Node Buffer's slice() would not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < LENGTH_BYTES) {
    return failed('truncated', `the file has ${bytes.length} bytes, expected at least ${LENGTH_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || headerBytes % ALIGNMENT !== 0) {
    return failed(
      'header',
      `the header length is ${headerBytes}, expected a multiple of 8 up to ${MAX_HEADER_BYTES}`,
    );
  }
  if (start > bytes.length) {
    return failed('truncated', `the header ends at byte ${start}, the file at ${bytes.length}`);
  }
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start));
  if (header.kind === 'failed') return header;
  return readTensors(header.fields, bytes.subarray(start));
}

type Header = { readonly kind: 'parsed'; readonly fields: ReadonlyMap<string, unknown> } | SafetensorsFailure;

function parseHeader(bytes: Uint8Array): Header {
  let text: string;
  let json: unknown;
  try {
    text = strFromU8(bytes);
    json = JSON.parse(text);
  } catch (error) {
    return failed(
      'header',
      `the header is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
  if (bytes[0] !== OPENING_BRACE || typeof json !== 'object' || json === null) {
    return failed('header', 'the header is not a JSON object that starts with {');
  }
  const repeated = duplicateKey(text);
  if (repeated !== undefined) {
    return failed('header', `the header has ${JSON.stringify(repeated)} twice`);
  }
  return { kind: 'parsed', fields: new Map(Object.entries(json)) };
}

function readTensors(fields: ReadonlyMap<string, unknown>, data: Uint8Array): SafetensorsResult {
  const metadata = metadataSchema.safeParse(fields.get(METADATA) ?? {});
  if (!metadata.success) return failed('header', `${METADATA} is not a map of strings to strings`);
  const entries: { name: string; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, field] of fields) {
    if (name === METADATA) continue;
    const entry = entrySchema.safeParse(field);
    if (!entry.success) {
      return failed('tensor', `${JSON.stringify(name)} is not {dtype "F32", shape, data_offsets}`);
    }
    const [begin, end] = entry.data.data_offsets;
    entries.push({ name, shape: entry.data.shape, begin, end });
  }
  // Empty tensors share an offset with their successor; the end settles their order.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors: NamedTensor[] = [];
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  let expected = 0;
  for (const { name, shape, begin, end } of entries) {
    if (begin !== expected || end - begin !== elementCount(shape) * 4 || end > data.length) {
      return failed(
        'layout',
        `${JSON.stringify(name)} of shape [${shape.join(', ')}] lies at [${begin}, ${end}], expected bytes from ` +
          `${expected} on, within ${data.length}`,
      );
    }
    tensors.push({
      name,
      shape,
      values: new Float32Array(aligned.buffer, aligned.byteOffset + begin, (end - begin) / 4),
    });
    expected = end;
  }
  if (expected !== data.length) {
    return failed('layout', `the tensors end at byte ${expected} of the data, the file at ${data.length}`);
  }
  return { kind: 'read', tensors, metadata: new Map(Object.entries(metadata.data)), data };
}

const failed = (reason: SafetensorsFailure['reason'], facts: string): SafetensorsFailure => ({
  kind: 'failed',
  reason,
  sentence: `Not a safetensors file: ${facts}.`,
});
