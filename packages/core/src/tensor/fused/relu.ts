import { relu } from '../composed/relu.ts';
import { reluLoop } from '../loops/relu.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { byBackend } from './byBackend.ts';

/** `max(x, 0)` and its derivative, elementwise. */
export function reluWithDerivative(x: Tensor): readonly [Tensor, Tensor] {
  const loops = () => runLoop([x], [x.shape, x.shape], ([from], [y, d]) => reluLoop(from, y, d));
  return byBackend<readonly [Tensor, Tensor]>({ murmur: loops, loops, composed: () => relu(x) });
}
