/** Checks golden files in a worker, where volunteers train. */
import { answerOnce } from '../../support/askWorker.ts';
import { checkOrder } from './checkOrder.ts';

answerOnce(checkOrder);
