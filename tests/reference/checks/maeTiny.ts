import { toPatches } from '@murmur/core/models/maeInputs';
import { maeLoss, maskedAutoencoder } from '@murmur/core/models/maskedAutoencoder';
import { maskFromNoise, type Masking } from '@murmur/core/nn/masking';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, float32Of, tensorsByName, type TensorsByName } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { maeWeightsOf, POSITION_TABLES, type MaeWeights } from '../maeFixture.ts';
import type { Computed, Report } from '../report.ts';
import { computed, differentiate, uploadAll } from '../tensors.ts';

const schema = z.object({
  norm_pix_loss: z.boolean(),
  len_keep: z.number(),
  ids_shuffle: fixtureTensor,
  ids_restore: fixtureTensor,
  mask: fixtureTensor,
  loss: fixtureTensor,
  logits: fixtureTensor,
  target: fixtureTensor,
  per_patch_loss: fixtureTensor,
  embedding: fixtureTensor,
  latent: fixtureTensor,
  grads: tensorsByName,
});

type Expected = z.infer<typeof schema>;

const EXACT = { abs: 0, rel_to_max: 0 };

const trainable = (params: TensorsByName): TensorsByName =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !POSITION_TABLES.includes(name)));

function compareMasking(report: Report, masking: Masking, expected: Expected): void {
  const shape = [masking.batch, masking.patches];
  report.same('len_keep', masking.lenKeep, expected.len_keep);
  report.close('ids_shuffle', { shape, data: masking.idsShuffle }, expected.ids_shuffle, EXACT);
  report.close('ids_restore', { shape, data: masking.idsRestore }, expected.ids_restore, EXACT);
  report.close('mask', { shape, data: masking.mask }, expected.mask, EXACT);
}

const FIELDS = ['loss', 'logits', 'target', 'per_patch_loss', 'embedding', 'latent'] as const;

function forward(
  { config, params, image }: MaeWeights,
  masking: Masking,
): Promise<Record<(typeof FIELDS)[number], Computed>> {
  return computed(() => {
    const out = maskedAutoencoder(
      config,
      uploadAll(trainable(params)),
      toPatches(config, float32Of(image)),
      masking,
    );
    return {
      loss: out.loss,
      logits: out.logits,
      target: out.target,
      per_patch_loss: out.perPatchLoss,
      embedding: out.embedding,
      latent: out.latent,
    };
  });
}

export const maeTiny: Check = async (file, report, sibling) => {
  const expected = schema.parse(file);
  const model = maeWeightsOf(sibling('mae_tiny_weights'), expected.norm_pix_loss);
  const { config, image, noise } = model;
  const masking = maskFromNoise(float32Of(noise), noise.shape[1] ?? 0, config.maskRatio);
  compareMasking(report, masking, expected);
  const fields = await forward(model, masking);
  for (const name of FIELDS) report.close(name, fields[name], expected[name], file.meta.tol);
  const { value, gradients } = await differentiate(trainable(model.params), (weights) =>
    maeLoss(config, weights, toPatches(config, float32Of(image)), masking),
  );
  report.close('loss as trained', value, expected.loss, file.meta.tol);
  closeGradients(report, 'loss', gradients, expected.grads, file.meta.tol);
};
