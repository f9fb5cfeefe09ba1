/** A version as a file: safetensors whose data section is the version's canonical bytes (VS1, VS3). */
import { type ParamSchema, schemaSize, unflatten } from '../tensor/params.ts';
import { versionName } from './name.ts';
import { readSafetensors, writeSafetensors, type SafetensorsResult } from './safetensors.ts';

export type SnapshotResult =
  | { readonly kind: 'read'; readonly params: Float32Array; readonly name: string }
  | {
      readonly kind: 'failed';
      readonly reason: 'format' | 'schema' | 'name';
      readonly sentence: string;
    };

/** The snapshot file of a version. Throws when `params` is not of this schema. */
export function writeSnapshot(schema: ParamSchema, params: Float32Array): Uint8Array<ArrayBuffer> {
  const views = unflatten(schema, params);
  const tensors = schema.map(({ name, shape }) => ({
    name,
    shape,
    values: views.get(name) ?? new Float32Array(0),
  }));
  return writeSafetensors(tensors, { format: 'pt' });
}

/** Reads and checks a snapshot from anywhere; `expectedName` is the version asked for. Returns a fresh vector. */
export function readSnapshot(schema: ParamSchema, file: Uint8Array, expectedName?: string): SnapshotResult {
  const read = readSafetensors(file);
  if (read.kind === 'failed') return { kind: 'failed', reason: 'format', sentence: read.sentence };
  const mismatch = schemaMismatch(schema, read);
  if (mismatch !== undefined) return { kind: 'failed', reason: 'schema', sentence: mismatch };
  const params = new Float32Array(schemaSize(schema));
  new Uint8Array(params.buffer).set(read.data);
  const name = versionName(params);
  if (expectedName !== undefined && name !== expectedName) {
    return {
      kind: 'failed',
      reason: 'name',
      sentence: `The snapshot is version ${name}, expected ${expectedName}: fetch it again from the coordinator.`,
    };
  }
  return { kind: 'read', params, name };
}

function schemaMismatch(
  schema: ParamSchema,
  { tensors }: Extract<SafetensorsResult, { kind: 'read' }>,
): string | undefined {
  const remedy = 'this program and the run do not have the same model';
  if (tensors.length !== schema.length) {
    return `The snapshot has ${tensors.length} tensors, expected ${schema.length}: ${remedy}.`;
  }
  for (const [i, spec] of schema.entries()) {
    const tensor = tensors[i];
    const expected = `${spec.name} [${spec.shape.join(', ')}]`;
    const received = `${tensor?.name ?? 'nothing'} [${tensor?.shape.join(', ') ?? ''}]`;
    if (received !== expected) {
      return `Tensor ${i} of the snapshot is ${received.slice(0, 200)}, expected ${expected}: ${remedy}.`;
    }
  }
  return undefined;
}
