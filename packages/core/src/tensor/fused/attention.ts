import { attention, attentionGradient } from '../composed/attention.ts';
import { attentionGradLoop, attentionLoop, type AttentionSizes } from '../loops/attention.ts';
import type { Tensor } from '../ops.ts';
import { runLoop, runLoopOnce } from '../runLoop.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';

const ceilTo = (multiple: number, n: number): number => Math.ceil(n / multiple) * multiple;

/** Values of scratch for the packed keys or values of a head. */
const packedSize = (tokens: number, channels: number): number => ceilTo(8, tokens) * channels;

function forwardOnMurmur(
  murmur: MurmurBackend,
  qkv: Tensor,
  sizes: AttentionSizes,
): readonly [Tensor, Tensor] {
  const { batch, tokens, heads, width, causal } = sizes;
  const channels = width / heads;
  const scratch = murmur.scratch(packedSize(tokens, channels));
  const shapes = [
    [batch, tokens, width],
    [batch, heads, tokens, ceilTo(4, tokens)],
  ] as const;
  return runKernel(murmur, [qkv], shapes, (from, to) =>
    murmur.kernels.attention(...from, ...to, batch, tokens, heads, channels, Number(causal), scratch),
  );
}

function forwardInLoops(qkv: Tensor, sizes: AttentionSizes): readonly [Tensor, Tensor] {
  const { batch, tokens, heads, width } = sizes;
  const shapes = [
    [batch, tokens, width],
    [batch, heads, tokens, tokens],
  ] as const;
  return runLoop([qkv], shapes, ([from], to) => attentionLoop(from, to, sizes));
}

/**
 * Heads of `qkv` `[B, T, 3·D]` attending to each other: `[B, T, D]`, and the probabilities for `attentionBackward`, whose
 * rows the murmur backend pads.
 */
export function attentionForward(qkv: Tensor, sizes: AttentionSizes): readonly [Tensor, Tensor] {
  return byBackend({
    murmur: (murmur) => forwardOnMurmur(murmur, qkv, sizes),
    loops: () => forwardInLoops(qkv, sizes),
    composed: () => attention(qkv, sizes),
  });
}

/** What each token looked at: `[B, heads, T, T]`, without padding. */
export function attentionProbabilities(qkv: Tensor, sizes: AttentionSizes): Tensor {
  const loops = () => forwardInLoops(qkv, sizes)[1];
  return byBackend({ murmur: loops, loops, composed: () => attention(qkv, sizes)[1] });
}

function backwardOnMurmur(
  murmur: MurmurBackend,
  inputs: readonly [dy: Tensor, qkv: Tensor, probabilities: Tensor],
  { batch, tokens, heads, width }: AttentionSizes,
): Tensor {
  const channels = width / heads;
  const scratch = murmur.scratch(tokens * ceilTo(4, tokens) + packedSize(tokens, channels));
  return runKernel(murmur, inputs, [[batch, tokens, 3 * width]], (from, [to]) =>
    murmur.kernels.attentionGradient(...from, to, batch, tokens, heads, channels, scratch),
  )[0];
}

/** The gradient by `qkv`. */
export function attentionBackward(
  inputs: readonly [dy: Tensor, qkv: Tensor, probabilities: Tensor],
  sizes: AttentionSizes,
): Tensor {
  const { batch, tokens, width } = sizes;
  const shape = [batch, tokens, 3 * width];
  return byBackend({
    murmur: (murmur) => backwardOnMurmur(murmur, inputs, sizes),
    loops: () => runLoopOnce(inputs, shape, (from, to) => attentionGradLoop(from, to, sizes)),
    composed: () => attentionGradient(...inputs, sizes),
  });
}
