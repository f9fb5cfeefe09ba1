import { beforeAll, describe, expect, test } from 'vitest';
import { parityOf } from './parity.ts';
import { specFor, specOf } from '../models/modelSpec.ts';
import { drawParams, initialParams, schemaOf } from '../models/parameters.ts';
import { objectiveOf } from '../objectives/registry.ts';
import { key, uint32Stream } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { readSafetensors } from '../version/safetensors.ts';
import { huggingFaceFiles, type ExportFile } from './huggingFace.ts';
import type { CardFacts } from './modelCard.ts';
import { openEncoder } from './openEncoder.ts';

const SIDE = 16;
const spec = specOf(
  'nano',
  { imageSize: SIDE, patchSize: 4, numChannels: 3 },
  { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] },
);
const params = initialParams(spec.config, key(3));
const next = uint32Stream(key(4));
const pictures = Uint8Array.from({ length: 2 * SIDE * SIDE * 3 }, () => next() & 255);
const card: CardFacts = {
  run: 'a run\n# <b>',
  version: 'f'.repeat(64),
  rounds: 12,
  samples: 34567,
  data: { name: 'glyphs', examples: 20000 },
  scores: {
    knn: 0.5,
    probe: 0.625,
    trainCount: 300,
    testCount: 100,
    features: 'mean of patch tokens',
    baselines: { untrained: { knn: 0.3, probe: 0.4 }, pixels: { knn: 0.2, probe: 0.25 } },
  },
};

let files: ExportFile[] = [];

beforeAll(async () => {
  await startBackend({ backend: 'cpu' });
  files = huggingFaceFiles({ spec, params, card, parity: parityOf(spec, params, pictures, key(1)) });
});

function bytesOf(path: string): Uint8Array {
  const content = files.find((file) => file.path === path)?.content;
  if (!(content instanceof Uint8Array)) throw new Error(`no binary file ${path}`);
  return content;
}

function textOf(path: string): string {
  const content = files.find((file) => file.path === path)?.content;
  if (typeof content !== 'string') throw new Error(`no text file ${path}`);
  return content;
}

function tensorsOf(path: string) {
  const read = readSafetensors(bytesOf(path));
  if (read.kind === 'failed') throw new Error(read.sentence);
  return read;
}

interface JsonTensor {
  readonly shape: number[];
  readonly data: number[];
}

describe('Hugging Face folders', () => {
  test('hold the five files each', () => {
    const names = [
      'README.md',
      'config.json',
      'model.safetensors',
      'parity.json',
      'preprocessor_config.json',
    ];
    for (const folder of ['mae', 'encoder']) {
      const inFolder = files.filter(({ path }) => path.startsWith(`${folder}/`)).map(({ path }) => path);
      expect(inFolder.sort()).toEqual(names.map((name) => `${folder}/${name}`));
    }
    expect(files.length).toBe(10);
  });

  test.each(['mae', 'encoder'])(
    '%s: data at a multiple of 8, contiguous, metadata with format pt',
    (folder) => {
      const file = bytesOf(`${folder}/model.safetensors`);
      const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
      expect(headerBytes % 8).toBe(0);
      const text = new TextDecoder().decode(file.subarray(8, 8 + headerBytes));
      expect(text.startsWith('{')).toBe(true);
      const header = new Map<string, Record<string, unknown>>(Object.entries(JSON.parse(text)));
      expect(header.get('__metadata__')).toEqual({ format: 'pt' });
      header.delete('__metadata__');
      let expected = 0;
      for (const entry of header.values()) {
        expect(Object.keys(entry)).toEqual(['dtype', 'shape', 'data_offsets']);
        const [begin, end] = entry['data_offsets'] as [number, number];
        expect(begin).toBe(expected);
        expected = end;
      }
      expect(8 + headerBytes + expected).toBe(file.length);
    },
  );

  test('encoder holds the encoder only, by names without vit., with its position table', () => {
    const mae = new Map(tensorsOf('mae/model.safetensors').tensors.map((tensor) => [tensor.name, tensor]));
    const { tensors } = tensorsOf('encoder/model.safetensors');
    for (const { name, shape, values } of tensors) {
      expect(name).not.toMatch(/^vit\.|decoder|pooler/);
      expect(mae.get(`vit.${name}`)).toMatchObject({ shape, values });
    }
    expect(tensors.length).toBe([...mae.keys()].filter((name) => name.startsWith('vit.')).length);
    expect(tensors.map(({ name }) => name)).toContain('embeddings.position_embeddings');
    expect(mae.get('decoder.decoder_pos_embed')?.shape).toEqual([1, 17, 64]);
  });

  test('configurations write out what the library would default otherwise', () => {
    expect(JSON.parse(textOf('mae/config.json'))).toMatchObject({
      architectures: ['ViTMAEForPreTraining'],
      model_type: 'vit_mae',
      layer_norm_eps: 1e-6,
      hidden_act: 'gelu',
      image_size: SIDE,
      mask_ratio: 0.75,
      norm_pix_loss: false,
      decoder_hidden_size: 64,
    });
    const encoder: unknown = JSON.parse(textOf('encoder/config.json'));
    expect(encoder).toMatchObject({ architectures: ['ViTModel'], model_type: 'vit', layer_norm_eps: 1e-6 });
    expect(Object.keys(encoder as object).filter((name) => name.startsWith('decoder'))).toEqual([]);
    expect(JSON.parse(textOf('encoder/preprocessor_config.json'))).toMatchObject({
      image_mean: spec.mean,
      image_std: spec.std,
      size: { height: SIDE, width: SIDE },
    });
  });

  test('parity: pictures as fed to the model, noise without ties, shapes as promised', () => {
    const mae = JSON.parse(textOf('mae/parity.json')) as {
      pixel_values: JsonTensor;
      noise: JsonTensor;
      expected: { logits: JsonTensor; loss: number; mask: JsonTensor; last_hidden_state: JsonTensor };
    };
    expect(mae.pixel_values.shape).toEqual([2, 3, SIDE, SIDE]);
    // NCHW: picture 1, channel 2, row 3, column 5.
    const pixel = pictures[((SIDE + 3) * SIDE + 5) * 3 + 2] ?? NaN;
    const fed = mae.pixel_values.data[((3 + 2) * SIDE + 3) * SIDE + 5] ?? NaN;
    expect(fed).toBeCloseTo((pixel / 255 - 0.3) / 0.25, 5);
    for (const row of [0, 1]) expect(new Set(mae.noise.data.slice(16 * row, 16 * row + 16)).size).toBe(16);
    expect(mae.expected.logits.shape).toEqual([2, 16, 48]);
    expect(mae.expected.last_hidden_state.shape).toEqual([2, 5, 96]);
    expect(mae.expected.mask.data.filter((m) => m === 1).length).toBe(24);
    expect(mae.expected.loss).toBeGreaterThan(0);
  });

  test('no label and no class name is in any file; names from outside cannot break the card', () => {
    for (const { content } of files) {
      const text =
        typeof content === 'string' ? content : new TextDecoder('latin1').decode(content.subarray(0, 9000));
      expect(text).not.toMatch(/id2label|label2id|"labels"|classifier/);
    }
    const readme = textOf('encoder/README.md');
    expect(readme).toContain('# a run b: encoder\n');
    expect(readme).toContain('| this encoder | 50.0 % | 62.5 % |');
    expect(readme).toContain('| raw pixels | 20.0 % | 25.0 % |');
  });
});

describe('a contrastive model', () => {
  const contrastive = specFor({
    objective: 'simclr',
    preset: 'nano',
    picture: { imageSize: SIDE, patchSize: 4, numChannels: 3 },
    pixels: { mean: [...spec.mean], std: [...spec.std] },
  });
  const values = drawParams(schemaOf(contrastive), key(3));
  let exported: ExportFile[] = [];
  beforeAll(() => {
    const parity = parityOf(contrastive, values, pictures, key(1));
    exported = huggingFaceFiles({ spec: contrastive, params: values, card, parity });
  });
  const contentOf = (path: string) => exported.find((file) => file.path === path)?.content;

  test('has the one folder encoder/, with the files and tensors of any other encoder', () => {
    expect(exported.map(({ path }) => path)).toEqual(
      files.map(({ path }) => path).filter((path) => path.startsWith('encoder/')),
    );
    expect(contentOf('encoder/config.json')).toBe(textOf('encoder/config.json'));
    // the same key draws the same encoder, whatever it is to learn
    expect(contentOf('encoder/model.safetensors')).toEqual(bytesOf('encoder/model.safetensors'));
    expect(contentOf('encoder/parity.json')).toBe(textOf('encoder/parity.json'));
  });

  test('says how it was taught, and of no mask', () => {
    const readme = String(contentOf('encoder/README.md'));
    expect(readme).toContain(
      '| objective | SimCLR (Chen et al. 2020), NT-Xent at temperature 0.2, views of SimCLR',
    );
    expect(readme).toContain('  - contrastive-learning\n');
    expect(readme).toContain('parameters with the projection head');
    expect(readme).not.toMatch(/mask|decoder/i);
  });

  test('opens again and encodes as it did', async () => {
    const all = new Map(exported.map(({ path, content }) => [path, content]));
    const encoder = await openEncoder(
      (file) => {
        const content = all.get(`encoder/${file}`) ?? '';
        return Promise.resolve(typeof content === 'string' ? new TextEncoder().encode(content) : content);
      },
      { backend: 'cpu' },
    );
    expect(encoder.encode(pictures, 2)).toEqual(objectiveOf(contrastive).encode(values, pictures, 2));
  });
});

describe('openEncoder', () => {
  const read = (file: string) => {
    const content = files.find(({ path }) => path === `encoder/${file}`)?.content ?? '';
    return Promise.resolve(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  };

  test('gives the features of the exported version, which are the mean over parity’s tokens', async () => {
    const encoder = await openEncoder(read, { backend: 'cpu' });
    const features = encoder.encode(pictures, 2);
    expect(features).toEqual(objectiveOf(spec).encode(params, pictures, 2));
    const parity = JSON.parse(textOf('encoder/parity.json')) as {
      expected: { last_hidden_state: JsonTensor };
    };
    const { shape, data } = parity.expected.last_hidden_state;
    expect(shape).toEqual([2, 17, 96]);
    features.forEach((value, i) => {
      const [b, d] = [Math.floor(i / 96), i % 96];
      let sum = 0;
      for (let t = 1; t < 17; t++) sum += data[(b * 17 + t) * 96 + d] ?? NaN;
      expect(value).toBeCloseTo(sum / 16, 4);
    });
  });

  test('names the file that is not what it should be', async () => {
    const broken = (file: string) => (file === 'config.json' ? read('../mae/config.json') : read(file));
    await expect(openEncoder(broken, { backend: 'cpu' })).rejects.toThrow(
      'config.json is not that of an exported',
    );
    const truncated = async (file: string) => {
      const bytes = await read(file);
      return file === 'model.safetensors' ? bytes.subarray(0, -4) : bytes;
    };
    await expect(openEncoder(truncated, { backend: 'cpu' })).rejects.toThrow('Not a safetensors file');
  });
});
