/** Carries out one order on a backend, in a worker, where volunteers train. */
import { checkOrder, type CheckOrder } from '../../reference/page/checkOrder.ts';
import { trainOrder, type TrainOrder } from './trainOrder.ts';

export type Order = { readonly check: CheckOrder } | { readonly train: TrainOrder };

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  void ('check' in data ? checkOrder(data.check) : trainOrder(data.train)).then(postMessage);
});
