/** Carries out one order on a backend, in a worker, where volunteers train. */
import { checkOrder, type CheckOrder } from '../../reference/page/checkOrder.ts';
import { answerOnce } from '../../support/askWorker.ts';
import { trainOrder, type TrainOrder } from './trainOrder.ts';

export type Order = { readonly check: CheckOrder } | { readonly train: TrainOrder };

answerOnce<Order>((order) => ('check' in order ? checkOrder(order.check) : trainOrder(order.train)));
