/** Reads an exported `encoder/` folder; needs no tensor library. */
import { strFromU8 } from 'fflate';
import { z } from 'zod';
import { encoderConfig, type EncoderConfig } from '../models/config.ts';
import type { EncoderSpec } from '../models/modelSpec.ts';
import { encoderSchema } from '../models/parameters.ts';
import { flatten } from '../tensor/params.ts';
import { readSafetensors } from '../version/safetensors.ts';

export interface ReadEncoder {
  readonly spec: EncoderSpec;
  /** In the order of the encoder's schema. */
  readonly params: Float32Array;
}

const configFile = z.object({
  model_type: z.literal('vit'),
  hidden_act: z.literal('gelu'),
  hidden_size: z.number(),
  num_hidden_layers: z.number(),
  num_attention_heads: z.number(),
  intermediate_size: z.number(),
  layer_norm_eps: z.number(),
  image_size: z.number(),
  patch_size: z.number(),
  num_channels: z.number(),
  qkv_bias: z.boolean(),
});

const preprocessorFile = z.object({ image_mean: z.array(z.number()), image_std: z.array(z.number()) });

/** `read` gives the bytes of a file of the folder. Throws a sentence naming the file that is not what it should be. */
export async function readEncoder(
  read: (file: string) => Promise<ArrayBuffer | Uint8Array>,
): Promise<ReadEncoder> {
  const bytesOf = async (file: string) => new Uint8Array(await read(file));
  const [config, preprocessor, model] = await Promise.all(
    ['config.json', 'preprocessor_config.json', 'model.safetensors'].map(bytesOf),
  );
  const spec = specFrom(
    parse(configFile, 'config.json', config),
    parse(preprocessorFile, 'preprocessor_config.json', preprocessor),
  );
  return { spec, params: paramsFrom(spec.config, model ?? new Uint8Array(0)) };
}

function parse<T>(schema: z.ZodType<T>, file: string, bytes: Uint8Array = new Uint8Array(0)): T {
  const problem = (why: string) =>
    new Error(`openEncoder: ${file} is not that of an exported encoder: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(strFromU8(bytes));
  } catch (error) {
    throw problem(error instanceof Error ? error.message : 'not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw problem(z.prettifyError(parsed.error));
  return parsed.data;
}

function specFrom(c: z.infer<typeof configFile>, p: z.infer<typeof preprocessorFile>): EncoderSpec {
  const config = encoderConfig.parse({
    imageSize: c.image_size,
    patchSize: c.patch_size,
    numChannels: c.num_channels,
    hiddenSize: c.hidden_size,
    numHiddenLayers: c.num_hidden_layers,
    numAttentionHeads: c.num_attention_heads,
    intermediateSize: c.intermediate_size,
    layerNormEps: c.layer_norm_eps,
    qkvBias: c.qkv_bias,
  });
  return { config, mean: p.image_mean, std: p.image_std };
}

function paramsFrom(config: EncoderConfig, file: Uint8Array): Float32Array {
  const read = readSafetensors(file);
  if (read.kind === 'failed') throw new Error(`openEncoder: model.safetensors: ${read.sentence}`);
  const arrays = new Map(read.tensors.map(({ name, values }) => [`vit.${name}`, values]));
  return flatten(encoderSchema(config), arrays);
}
