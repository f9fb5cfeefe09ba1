import { open, readFile, rm } from 'node:fs/promises';
import { fold, permutation, uniformStream } from '@murmur/core/random/key';
import type { Key } from '@murmur/core/random/key';
import { SpoolWriter } from './spool.ts';
import type { Spool } from './spool.ts';

/** A spool up to this size is shuffled in memory. It takes part in the order: change it and shards change. */
export const shuffleMemoryBytes = 32 * 2 ** 20;
const MAX_BUCKETS = 64;
const BUCKET_BUFFER_BYTES = 256 * 1024;

/** Reads a spool's records in order, one chunk of them in memory. */
async function* recordsOf({ path, recordBytes, count }: Spool): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(Math.max(1, Math.floor(2 ** 20 / recordBytes)) * recordBytes);
  const file = await open(path);
  try {
    for (let done = 0; done < count;) {
      const want = Math.min(chunk.length, (count - done) * recordBytes);
      const { bytesRead } = await file.read(chunk, 0, want, done * recordBytes);
      if (bytesRead < recordBytes)
        throw new Error(`externalShuffle: ${path} is shorter than its ${count} records`);
      const whole = Math.floor(bytesRead / recordBytes);
      for (let i = 0; i < whole; i++) yield chunk.subarray(i * recordBytes, (i + 1) * recordBytes);
      done += whole;
    }
  } finally {
    await file.close();
  }
}

async function* shuffledInMemory(spool: Spool, key: Key): AsyncGenerator<Uint8Array> {
  const all = await readFile(spool.path);
  for (const index of permutation(key, spool.count)) {
    yield all.subarray(index * spool.recordBytes, (index + 1) * spool.recordBytes);
  }
}

async function scatter(spool: Spool, key: Key, bucketCount: number): Promise<Spool[]> {
  const writers: SpoolWriter[] = [];
  const next = uniformStream(key);
  try {
    for (let i = 0; i < bucketCount; i++) {
      writers.push(await SpoolWriter.create(`${spool.path}.${i}`, spool.recordBytes, BUCKET_BUFFER_BYTES));
    }
    for await (const record of recordsOf(spool)) {
      await (writers[Math.floor(next() * bucketCount)] as SpoolWriter).append(record);
    }
  } catch (error) {
    await Promise.allSettled(writers.map((writer) => writer.abandon()));
    throw error;
  }
  const buckets: Spool[] = [];
  for (const writer of writers) buckets.push(await writer.finish());
  return buckets;
}

/**
 * The records of a spool in a uniformly random order set by `key`, holding at most `memoryBytes` of them: each
 * record goes to a random bucket, each bucket is shuffled, in memory when it fits and the same way when it does
 * not, and the buckets follow one another (Rao 1961; Sandelius 1962). Deletes the spool. A yielded record is
 * only good until the next one.
 */
export async function* externalShuffle(
  spool: Spool,
  key: Key,
  memoryBytes = shuffleMemoryBytes,
): AsyncGenerator<Uint8Array> {
  const bytes = spool.count * spool.recordBytes;
  if (bytes <= memoryBytes || spool.count <= 1) {
    yield* shuffledInMemory(spool, fold(key, 'order'));
    await rm(spool.path);
    return;
  }
  const bucketCount = Math.min(MAX_BUCKETS, Math.ceil((2 * bytes) / memoryBytes));
  const buckets = await scatter(spool, fold(key, 'bucket'), bucketCount);
  await rm(spool.path);
  for (const [i, bucket] of buckets.entries()) yield* externalShuffle(bucket, fold(key, i), memoryBytes);
}
