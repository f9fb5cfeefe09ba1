/**
 * The one thing both halves share: a named, ordered list of arrays, laid end to end in one float32 vector.
 * Needs no tensor library.
 */
export interface ParamSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names and shapes in manifest order; only trained parameters, never position tables. */
export type ParamSchema = readonly ParamSpec[];

export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Number of float32 values in a vector of this schema. */
export const schemaSize = (schema: ParamSchema): number =>
  schema.reduce((total, spec) => total + elementCount(spec.shape), 0);

/** Canonical text of a schema; its hash tells two models apart (LK4). */
export const schemaText = (schema: ParamSchema): string =>
  schema.map((spec) => `${spec.name}:${spec.shape.join('x')}`).join('\n');

/** Views of `flat` by name, in order. Borrows: writing to a view writes to `flat`. Throws on a wrong length. */
export function unflatten(schema: ParamSchema, flat: Float32Array): Map<string, Float32Array> {
  if (flat.length !== schemaSize(schema)) {
    throw new Error(
      `unflatten: expected ${schemaSize(schema)} values for ${schema.length} parameters, received ${flat.length}`,
    );
  }
  const views = new Map<string, Float32Array>();
  let offset = 0;
  for (const spec of schema) {
    const size = elementCount(spec.shape);
    views.set(spec.name, flat.subarray(offset, offset + size));
    offset += size;
  }
  return views;
}

/** One vector from arrays by name, in schema order. Throws on a missing name or a wrong length. */
export function flatten(schema: ParamSchema, arrays: ReadonlyMap<string, Float32Array>): Float32Array {
  const flat = new Float32Array(schemaSize(schema));
  for (const [name, view] of unflatten(schema, flat)) {
    const values = arrays.get(name);
    if (values?.length !== view.length) {
      throw new Error(
        `flatten: expected ${view.length} values for ${name}, received ${values?.length ?? 'none'}`,
      );
    }
    view.set(values);
  }
  return flat;
}
