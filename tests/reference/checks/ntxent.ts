import { param } from '@murmur/core/nn/weights';
import { ntXent, ntXentRows } from '@murmur/core/nn/ntXent';
import { lastOf, reshape, sizeOf, transpose, type Tensor } from '@murmur/core/tensor/ops';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance, type FixtureTensor } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import type { Computed } from '../report.ts';
import { computed, differentiate, upload } from '../tensors.ts';

const pairing = z.enum(['halves', 'interleaved']);
type Pairing = z.infer<typeof pairing>;

const schema = z.object({
  cases: z.array(
    z.object({
      temperature: z.number(),
      pairing,
      z: fixtureTensor,
      positive: fixtureTensor,
      loss: fixtureTensor,
      per_row_loss: fixtureTensor,
      grads: tensorsByName,
      tol: tolerance.optional(),
    }),
  ),
});

const EXACT = { abs: 0, rel_to_max: 0 };

/** Rows `[a·b, K]` that counted first by a and then by b, counted the other way round. */
function recount(x: Tensor, a: number): Tensor {
  const [rows, width] = [sizeOf(x, 0), lastOf(x)];
  return reshape(transpose(reshape(x, [a, rows / a, width]), [1, 0, 2]), [rows, width]);
}

/** In the order of `ntXent`: picture k has the rows k and k + B. */
const toHalves = (x: Tensor, order: Pairing): Tensor =>
  order === 'halves' ? x : recount(x, sizeOf(x, 0) / 2);

/** The row that `ntXent` pairs with each, in the fixture's order. */
function partners(rows: number, order: Pairing): number[] {
  return Array.from({ length: rows }, (_, i) =>
    order === 'halves' ? (i + rows / 2) % rows : i % 2 === 0 ? i + 1 : i - 1,
  );
}

async function perRow(x: FixtureTensor, order: Pairing, temperature: number): Promise<Computed> {
  const { rows } = await computed(() => {
    const loss = ntXentRows(toHalves(upload(x), order), temperature); // [2B, 1]
    return { rows: order === 'halves' ? loss : recount(loss, 2) };
  });
  return { shape: [rows.data.length], data: rows.data };
}

export const ntxent: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const tol = c.tol ?? file.meta.tol;
    const rows = c.positive.data.length;
    const positive = { shape: [rows], data: partners(rows, c.pairing) };
    report.close(`case ${i} positive`, positive, c.positive, EXACT);
    const rowLoss = await perRow(c.z, c.pairing, c.temperature);
    report.close(`case ${i} per_row_loss`, rowLoss, c.per_row_loss, tol);
    const got = await differentiate({ z: c.z }, (t) =>
      ntXent(toHalves(param(t, 'z'), c.pairing), c.temperature),
    );
    report.close(`case ${i} loss`, got.value, c.loss, tol);
    closeGradients(report, `case ${i}`, got.gradients, c.grads, tol);
  }
};
