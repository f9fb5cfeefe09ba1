import type { Check } from './check.ts';
import { adamw } from './checks/adamw.ts';
import { attention } from './checks/attention.ts';
import { autoencoder } from './checks/autoencoder.ts';
import { block } from './checks/block.ts';
import { evaluation } from './checks/eval.ts';
import { gelu } from './checks/gelu.ts';
import { int8 } from './checks/int8.ts';
import { layernorm } from './checks/layernorm.ts';
import { maeTiny } from './checks/maeTiny.ts';
import { maeWeights } from './checks/maeWeights.ts';
import { masking } from './checks/masking.ts';
import { ntxent } from './checks/ntxent.ts';
import { outerSgd } from './checks/outerSgd.ts';
import { patchify } from './checks/patchify.ts';
import { schedule } from './checks/schedule.ts';
import { sincos2d } from './checks/sincos2d.ts';
import { causalLm, maskedToken } from './checks/tokenLosses.ts';

/** The check of each fixture, by `meta.fixture`. */
export const checks: Readonly<Record<string, Check>> = {
  adamw,
  attention,
  autoencoder,
  block,
  causal_lm: causalLm,
  eval: evaluation,
  gelu,
  int8_4096: int8,
  int8_64: int8,
  layernorm,
  mae_tiny_normpix: maeTiny,
  mae_tiny_rawpix: maeTiny,
  mae_tiny_weights: maeWeights,
  masked_token: maskedToken,
  masking,
  ntxent,
  outer_sgd: outerSgd,
  patchify,
  schedule,
  sincos2d,
};

/** Fixtures that are known, with the reason for not checking them. */
export const notBuilt: Readonly<Record<string, string>> = {
  clip: 'not built yet: the image-text objective',
};
