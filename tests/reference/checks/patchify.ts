import { patchify as cut, unpatchify, type PatchGeometry } from '@murmur/core/nn/patchify';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, float32Of, tolerance, type FixtureTensor } from '../fixture.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      patch_size: z.number(),
      image: fixtureTensor,
      patches: fixtureTensor,
      unpatchify_input: fixtureTensor,
      unpatchify_output: fixtureTensor,
      tol: tolerance.optional(),
    }),
  ),
});

function geometryOf(shape: readonly number[], patch: number): PatchGeometry {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  return { batch, height, width, channels, patch };
}

const patchesShape = ({ batch, height, width, channels, patch }: PatchGeometry): number[] => [
  batch,
  (height / patch) * (width / patch),
  patch * patch * channels,
];

/** The bits that PyTorch had: patches are copies of inputs, printed in the fewest digits that name a float32. */
const exact = (t: FixtureTensor): FixtureTensor => ({ shape: t.shape, data: Array.from(float32Of(t)) });

export const patchify: Check = (file, report) => {
  schema.parse(file).cases.forEach((c, i) => {
    const tol = c.tol ?? file.meta.tol;
    const there = geometryOf(c.image.shape, c.patch_size);
    report.close(
      `case ${i} patches`,
      { shape: patchesShape(there), data: cut(float32Of(c.image), there) },
      exact(c.patches),
      tol,
    );
    const back = geometryOf(c.unpatchify_output.shape, c.patch_size);
    const pictures = unpatchify(float32Of(c.unpatchify_input), back);
    report.close(
      `case ${i} unpatchify`,
      { shape: c.unpatchify_output.shape, data: pictures },
      exact(c.unpatchify_output),
      tol,
    );
  });
};
