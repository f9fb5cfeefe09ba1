import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Array buffers are swept beside the program: only after some turns of the loop are the dead ones counted off. */
const COLLECTIONS = 4;

/** Bytes in use after collections: the heap, and the arrays beside it, in which tfjs keeps its memory. */
export async function bytesInUse(): Promise<number> {
  for (let i = 0; i < COLLECTIONS; i++) {
    collectGarbage();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
