import { crossEntropy } from '../composed/crossEntropy.ts';
import { crossEntropyLoop } from '../loops/crossEntropy.ts';
import { sizeOf, type Tensor } from '../ops.ts';
import { runLoop, runLoopOnce } from '../runLoop.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';

function onMurmur(murmur: MurmurBackend, logits: Tensor, targets: Int32Array): readonly [Tensor, Tensor] {
  const [rows, width] = [targets.length, sizeOf(logits, 1)];
  const indices = murmur.scratchIndices(targets);
  const shapes = [[rows], [rows], logits.shape] as const;
  const [sums, rest, gradient] = runKernel(murmur, [logits], shapes, ([from], to) =>
    murmur.kernels.crossEntropy(from, indices, ...to, rows, width),
  );
  const loss = runLoopOnce([sums, rest], [rows], ([sum, more], to) =>
    sum.forEach((value, row) => (to[row] = Math.log(value) + (more[row] as number))),
  );
  return [loss, gradient];
}

function requireTargets(logits: Tensor, targets: Int32Array): void {
  const [rows, classes] = [sizeOf(logits, 0), sizeOf(logits, 1)];
  if (targets.length !== rows)
    throw new Error(`crossEntropy: expected ${rows} targets, one a row, received ${targets.length}`);
  const wrong = targets.find((target) => target < 0 || target >= classes);
  if (wrong !== undefined)
    throw new Error(`crossEntropy: expected targets from 0 to ${classes - 1}, received ${wrong}`);
}

/** Cross-entropy of each row of logits `[R, C]` with the class that is its target: `[R]`, and the gradient of their sum by the logits. */
export function crossEntropyWithGradient(logits: Tensor, targets: Int32Array): readonly [Tensor, Tensor] {
  requireTargets(logits, targets);
  const shapes = [[targets.length], logits.shape] as const;
  return byBackend<readonly [Tensor, Tensor]>({
    murmur: (murmur) => onMurmur(murmur, logits, targets),
    loops: () => runLoop([logits], shapes, ([from], [loss, g]) => crossEntropyLoop(from, targets, loss, g)),
    composed: () => crossEntropy(logits, targets),
  });
}
