/** Comlink ships the types of this adapter beside a file of another ending. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { MessagePort, Worker } from 'node:worker_threads';
  import type { Endpoint } from 'comlink';

  export default function nodeEndpoint(thread: MessagePort | Worker): Endpoint;
}
