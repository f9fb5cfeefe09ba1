import type { Key } from '../random/key.ts';
import type { Weights } from '../nn/weights.ts';
import type { Tensor } from '../tensor/ops.ts';
import type { ParamSchema } from '../tensor/params.ts';

/** Pictures as a volunteer shows them: each `[n, side, side, C]` uint8. */
export interface Preview {
  readonly side: number;
  readonly channels: number;
  readonly original: Uint8Array;
  /** What the model meets: hidden patches grey, or the first view. */
  readonly masked: Uint8Array;
  /** What is asked of it: visible patches as they are, hidden ones as it imagines them; or the second view. */
  readonly predicted: Uint8Array;
}

/** What one step trains on. */
export interface Batch {
  /** uint8 `[B, side, side, C]` */
  readonly pictures: Uint8Array;
  /** `[B]`, the class of each picture; only where the operator leases labels out. */
  readonly labels?: Uint16Array;
}

/** What a model is trained to do. Pictures are uint8 `[B, side, side, C]`; only `loss` leaves tensors behind. */
export interface Objective {
  readonly schema: ParamSchema;
  /**
   * Scalar, differentiable by the weights. Shapes depend on the number of pictures alone, and nothing is read back. Allocates:
   * call it inside `freeing`.
   */
  loss(weights: Weights, batch: Batch, key: Key): Tensor;
  /** The mean of the patch tokens after the encoder's last LayerNorm, nothing hidden: `[count, D]`. */
  encode(params: Float32Array, pictures: Uint8Array, count: number): Float32Array;
  /** Resolves once the device has computed it; nothing waits for the device meanwhile, which WebGPU does not allow. */
  preview(params: Float32Array, pictures: Uint8Array, key: Key): Promise<Preview>;
}
