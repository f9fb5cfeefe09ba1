import { crossEntropy } from '@murmur/core/nn/crossEntropy';
import { gatherRows } from '@murmur/core/nn/gatherRows';
import { linear } from '@murmur/core/nn/linear';
import { param, type Weights } from '@murmur/core/nn/weights';
import { lastOf, reshape, type Tensor } from '@murmur/core/tensor/ops';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { computed, differentiate, uploadAll } from '../tensors.ts';

const masked = z.object({
  hidden: fixtureTensor,
  embedding: fixtureTensor,
  bias: fixtureTensor,
  positions: fixtureTensor,
  labels: fixtureTensor,
  logits_at_positions: fixtureTensor,
  loss: fixtureTensor,
  grads: tensorsByName,
});

const causal = z.object({
  logits: fixtureTensor,
  tokens: fixtureTensor,
  valid: fixtureTensor,
  loss: fixtureTensor,
  grads: tensorsByName,
});

const rowsOf = (x: Tensor): Tensor => reshape(x, [-1, lastOf(x)]);

/** The words at some positions of `hidden` `[B, T, D]`, told by their likeness to the embeddings `[words, D]`. */
export const maskedToken: Check = async (file, report) => {
  for (const [i, c] of z.array(masked).parse(file['cases']).entries()) {
    const tokens = c.hidden.shape[1] ?? 0;
    const at = c.positions.data;
    const rows = Int32Array.from(c.labels.data, (_, p) => (at[2 * p] ?? 0) * tokens + (at[2 * p + 1] ?? 0));
    const logits = (w: Weights) =>
      linear(gatherRows(rowsOf(param(w, 'hidden')), rows), param(w, 'embedding'), param(w, 'bias'));
    const inputs = { hidden: c.hidden, embedding: c.embedding, bias: c.bias };
    const got = await computed(() => ({ logits: logits(uploadAll(inputs)) }));
    report.close(`case ${i} logits`, got.logits, c.logits_at_positions, file.meta.tol);
    const labels = Int32Array.from(c.labels.data);
    const { value, gradients } = await differentiate(inputs, (w) => crossEntropy(logits(w), labels));
    report.close(`case ${i} loss`, value, c.loss, file.meta.tol);
    closeGradients(report, `case ${i}`, gradients, c.grads, file.meta.tol);
  }
};

/** The next word of each: logits `[B, T, words]` at t predict the token at t + 1, where that is valid. */
export const causalLm: Check = async (file, report) => {
  for (const [i, c] of z.array(causal).parse(file['cases']).entries()) {
    const tokens = c.logits.shape[1] ?? 0;
    const predicts = (row: number) => row % tokens < tokens - 1 && c.valid.data[row + 1] === 1;
    const rows = Int32Array.from(c.tokens.data.keys()).filter(predicts);
    const targets = rows.map((row) => c.tokens.data[row + 1] ?? 0);
    const { value, gradients } = await differentiate({ logits: c.logits }, (w) =>
      crossEntropy(gatherRows(rowsOf(param(w, 'logits')), rows), targets),
    );
    report.close(`case ${i} loss`, value, c.loss, file.meta.tol);
    closeGradients(report, `case ${i}`, gradients, c.grads, file.meta.tol);
  }
};
