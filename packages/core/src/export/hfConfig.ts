/** `config.json` and `preprocessor_config.json` as Hugging Face transformers reads them. */
import type { EncoderConfig, MaeConfig } from '../models/config.ts';
import type { EncoderSpec } from '../models/modelSpec.ts';

type Json = Readonly<Record<string, unknown>>;

const encoderFields = (c: EncoderConfig): Json => ({
  hidden_size: c.hiddenSize,
  num_hidden_layers: c.numHiddenLayers,
  num_attention_heads: c.numAttentionHeads,
  intermediate_size: c.intermediateSize,
  hidden_act: 'gelu', // exact erf there
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: c.layerNormEps, // their default is 1e-12, ours is not
  image_size: c.imageSize,
  patch_size: c.patchSize,
  num_channels: c.numChannels,
  qkv_bias: c.qkvBias,
  torch_dtype: 'float32',
});

/** Of `ViTMAEForPreTraining`. */
export const maeConfigJson = (c: MaeConfig): Json => ({
  architectures: ['ViTMAEForPreTraining'],
  model_type: 'vit_mae',
  ...encoderFields(c),
  decoder_hidden_size: c.decoderHiddenSize,
  decoder_num_hidden_layers: c.decoderNumHiddenLayers,
  decoder_num_attention_heads: c.decoderNumAttentionHeads,
  decoder_intermediate_size: c.decoderIntermediateSize,
  mask_ratio: c.maskRatio,
  norm_pix_loss: c.normPixLoss,
});

/** Of `ViTModel`. */
export const encoderConfigJson = (c: EncoderConfig): Json => ({
  architectures: ['ViTModel'],
  model_type: 'vit',
  ...encoderFields(c),
});

const BILINEAR = 2;

/** Resizing, scaling to [0, 1] and normalising as the model was trained. */
export const preprocessorJson = ({ config, mean, std }: EncoderSpec): Json => ({
  image_processor_type: 'ViTImageProcessor',
  do_resize: true,
  size: { height: config.imageSize, width: config.imageSize },
  resample: BILINEAR,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: mean,
  image_std: std,
});
