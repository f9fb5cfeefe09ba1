/**
 * Immutable bytes by name. `put` is atomic: a reader, or a crash, meets the whole of it or nothing.
 * Names match `BLOB_NAME`; any other name rejects, so no name can leave the store.
 */
export interface BlobStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  /** Deleting what is not there is no error. */
  delete(name: string): Promise<void>;
  /** All names, sorted. */
  list(): Promise<string[]>;
}

export const BLOB_NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** The name itself; throws when it is none. */
export function blobName(name: string): string {
  if (BLOB_NAME.test(name)) return name;
  throw new Error(
    `"${name}" cannot name a blob: expected lower-case letters, digits, dots and dashes, and no dot or dash first.`,
  );
}
