/** Checks golden files in a worker, where volunteers train. */
import { checkOrder, type CheckOrder } from './checkOrder.ts';

addEventListener('message', ({ data }: MessageEvent<CheckOrder>) => void checkOrder(data).then(postMessage));
