import { blobName, type BlobStore } from './blobStore.ts';

/** A blob store without a disk, for tests. Keeps copies, as a real one does. */
export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    async put(name, bytes) {
      blobs.set(blobName(name), bytes.slice());
    },
    get: async (name) => blobs.get(blobName(name))?.slice(),
    has: async (name) => blobs.has(blobName(name)),
    async delete(name) {
      blobs.delete(blobName(name));
    },
    list: async () => [...blobs.keys()].sort(),
  };
}
