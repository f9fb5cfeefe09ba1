/** The folders that Hugging Face transformers opens, `encoder/` and, of a masked autoencoder, `mae/`, as files in memory. */
import type { Parity } from './parity.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import { writeSafetensors, type NamedTensor } from '../version/safetensors.ts';
import { encoderConfigJson, maeConfigJson, preprocessorJson } from './hfConfig.ts';
import { encoderTensors, maeTensors } from './hfTensors.ts';
import { modelCard, type CardFacts } from './modelCard.ts';
import { encoderParityJson, maeParityJson } from './parityJson.ts';

export interface ExportFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Uint8Array | string;
}

export interface HuggingFaceExport {
  readonly spec: ModelSpec;
  /** The version's parameters, in schema order. */
  readonly params: Float32Array;
  readonly parity: Parity;
  readonly card: CardFacts;
}

/** Every file of the folders. Names no label and no picture but those of the parity check. */
export function huggingFaceFiles(model: HuggingFaceExport): ExportFile[] {
  const { spec, params, parity } = model;
  const encoder = folder('encoder', model, {
    config: encoderConfigJson(spec.config),
    tensors: encoderTensors(spec.config, params),
    parity: encoderParityJson(parity),
  });
  if (spec.objective !== 'mae' || parity.mae === undefined) return encoder;
  const mae = folder('mae', model, {
    config: maeConfigJson(spec.config),
    tensors: maeTensors(spec.config, params),
    parity: maeParityJson(parity, parity.mae),
  });
  return [...mae, ...encoder];
}

interface FolderContent {
  readonly config: unknown;
  readonly tensors: readonly NamedTensor[];
  readonly parity: unknown;
}

function folder(
  name: 'mae' | 'encoder',
  { spec, card }: HuggingFaceExport,
  { config, tensors, parity }: FolderContent,
): ExportFile[] {
  return [
    { path: `${name}/config.json`, content: json(config) },
    { path: `${name}/model.safetensors`, content: writeSafetensors(tensors, { format: 'pt' }) },
    { path: `${name}/preprocessor_config.json`, content: json(preprocessorJson(spec)) },
    { path: `${name}/README.md`, content: modelCard(name, spec, card) },
    { path: `${name}/parity.json`, content: `${JSON.stringify(parity)}\n` },
  ];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
