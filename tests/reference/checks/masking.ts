import { keptPatches, maskFromNoise } from '@murmur/core/nn/masking';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, float32Of, tolerance } from '../fixture.ts';

const schema = z.object({
  len_keep: z.array(z.object({ n: z.number(), mask_ratio: z.number(), len_keep: z.number() })),
  cases: z.array(
    z.object({
      mask_ratio: z.number(),
      noise: fixtureTensor,
      len_keep: z.number(),
      ids_shuffle: fixtureTensor,
      ids_keep: fixtureTensor,
      ids_restore: fixtureTensor,
      mask: fixtureTensor,
      tol: tolerance.optional(),
    }),
  ),
});

export const masking: Check = (file, report) => {
  const { len_keep, cases } = schema.parse(file);
  for (const row of len_keep) {
    report.same(
      `len_keep of ${row.n} at ${row.mask_ratio}`,
      keptPatches(row.n, row.mask_ratio),
      row.len_keep,
    );
  }
  cases.forEach((c, i) => {
    const [batch = 0, patches = 0] = c.noise.shape;
    const got = maskFromNoise(float32Of(c.noise), patches, c.mask_ratio);
    const tol = c.tol ?? file.meta.tol;
    report.same(`case ${i} len_keep`, got.lenKeep, c.len_keep);
    report.close(
      `case ${i} ids_shuffle`,
      { shape: [batch, patches], data: got.idsShuffle },
      c.ids_shuffle,
      tol,
    );
    report.close(`case ${i} ids_keep`, { shape: [batch, got.lenKeep], data: got.idsKeep }, c.ids_keep, tol);
    report.close(
      `case ${i} ids_restore`,
      { shape: [batch, patches], data: got.idsRestore },
      c.ids_restore,
      tol,
    );
    report.close(`case ${i} mask`, { shape: [batch, patches], data: got.mask }, c.mask, tol);
  });
};
