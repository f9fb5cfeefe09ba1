/** `parity.json`: inputs and what this project computed for them, for another implementation to compare. */
import type { MaeParity, Parity, ParityTensor } from './parity.ts';

const NINE_DIGITS = 9; // what a float32 needs to come back bit by bit

const tensor = ({ shape, values }: ParityTensor) => ({
  shape,
  data: Array.from(values, (value) => Number(value.toPrecision(NINE_DIGITS))),
});

const integers = (of: ParityTensor) => ({ dtype: 'int32', ...tensor(of) });

export const maeParityJson = ({ pixelValues }: Parity, mae: MaeParity) => ({
  pixel_values: tensor(pixelValues),
  noise: tensor(mae.noise),
  expected: {
    logits: tensor(mae.logits),
    loss: mae.loss,
    mask: tensor(mae.mask),
    ids_restore: integers(mae.idsRestore),
    last_hidden_state: tensor(mae.latent),
  },
});

export const encoderParityJson = ({ pixelValues, encoded }: Parity) => ({
  pixel_values: tensor(pixelValues),
  expected: { last_hidden_state: tensor(encoded) },
});
