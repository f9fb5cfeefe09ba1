import type { WorkOrder } from '@murmur/core/volunteer/ports';

/** The large arrays of a work order: their memory moves with it between threads. */
export const arraysOf = ({
  params,
  pictures,
  labels,
}: WorkOrder): (Float32Array | Uint8Array | Uint16Array)[] =>
  labels === undefined ? [params, pictures] : [params, pictures, labels];
