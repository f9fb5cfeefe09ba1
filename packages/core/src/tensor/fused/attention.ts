import { attentionGradLoop, attentionLoop, type AttentionSizes } from '../loops/attention.ts';
import type { Tensor } from '../ops.ts';
import { runLoop, runLoopOnce } from '../runLoop.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runKernel } from '../simd/runKernel.ts';
import { runningMurmur } from '../simd/startMurmur.ts';

const ceil8 = (n: number): number => Math.ceil(n / 8) * 8;

/** Values of scratch for one packed factor of a head. */
const packedSize = (tokens: number, channels: number): number =>
  Math.max(ceil8(tokens) * channels, tokens * ceil8(channels));

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
    [batch, heads, tokens, ceil8(tokens)],
  ] as const;
  return runKernel(murmur, [qkv], shapes, (from, to) =>
    murmur.kernels.attention(...from, ...to, batch, tokens, heads, channels, Number(causal), scratch),
  );
}

/** Probabilities `[B, heads, T, T]` of `qkv` `[B, T, 3·D]` in loops, on whatever backend. */
export function attentionInLoops(qkv: Tensor, sizes: AttentionSizes): readonly [Tensor, Tensor] {
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
  const murmur = runningMurmur();
  return murmur === undefined ? attentionInLoops(qkv, sizes) : forwardOnMurmur(murmur, qkv, sizes);
}

/** The gradient by `qkv`. */
export function attentionBackward(
  inputs: readonly [dy: Tensor, qkv: Tensor, probabilities: Tensor],
  sizes: AttentionSizes,
): Tensor {
  const { batch, tokens, heads, width } = sizes;
  const shape = [batch, tokens, 3 * width];
  const murmur = runningMurmur();
  if (murmur === undefined)
    return runLoopOnce(inputs, shape, (from, to) => attentionGradLoop(from, to, sizes));
  const channels = width / heads;
  const scratch = murmur.scratch(tokens * ceil8(tokens) + packedSize(tokens, channels));
  return runKernel(murmur, inputs, [shape], (from, [to]) =>
    murmur.kernels.attentionGradient(...from, to, batch, tokens, heads, channels, scratch),
  )[0];
}
