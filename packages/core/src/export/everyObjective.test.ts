import { beforeAll, describe, expect, it } from 'vitest';
import { specFor } from '../models/modelSpec.ts';
import { firstParams } from '../models/parameters.ts';
import { objectiveNames } from '../models/recipes.ts';
import { objectiveOf } from '../objectives/registry.ts';
import { key, uint32Stream } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { huggingFaceFiles, type ExportFile } from './huggingFace.ts';
import { objectiveWords } from './objectiveWords.ts';
import { openEncoder } from './openEncoder.ts';
import { parityOf } from './parity.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

const SIDE = 8;
const next = uint32Stream(key(4));
const pictures = Uint8Array.from({ length: 2 * SIDE * SIDE * 3 }, () => next() >>> 24);
const facts = { run: 'a', version: 'f'.repeat(64), rounds: 1, samples: 2, data: { name: 'b', examples: 3 } };

describe.each(objectiveNames)('a model that learned by %s', (objective) => {
  const request = {
    preset: 'nano',
    picture: { imageSize: SIDE, patchSize: 4, numChannels: 3 },
    pixels: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] },
  } as const;
  const spec =
    objective === 'supervised'
      ? specFor({ ...request, objective, changes: { numClasses: 3 } })
      : specFor({ ...request, objective });
  const params = firstParams(spec, key(3));
  let files: ExportFile[] = [];
  beforeAll(() => {
    const parity = parityOf(spec, params, pictures, key(1));
    files = huggingFaceFiles({ spec, params, parity, card: facts });
  });
  const bytesOf = (path: string): Uint8Array => {
    const content = files.find((file) => file.path === path)?.content ?? '';
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  };

  it('has an encoder that opens again and encodes pictures as the objective does', async () => {
    const encoder = await openEncoder((file) => Promise.resolve(bytesOf(`encoder/${file}`)), {
      backend: 'cpu',
    });
    expect(encoder.encode(pictures, 2)).toEqual(objectiveOf(spec).encode(params, pictures, 2));
  });

  it('says on its card how it was taught, and leaves its head behind', () => {
    const readme = new TextDecoder().decode(bytesOf('encoder/README.md'));
    const { method, tag, head } = objectiveWords(spec);
    expect(readme).toContain(`| objective | ${method} |`);
    expect(readme).toContain(`  - ${tag}\n`);
    expect(readme).toContain(`parameters with the ${head})`);
    const labelled = objective === 'supervised';
    expect(readme.includes('with labels')).toBe(labelled);
    expect(readme.includes('without labels') || readme.includes('self-supervised')).toBe(!labelled);
    const folders = new Set(files.map(({ path }) => path.split('/')[0]));
    expect([...folders].sort()).toEqual(objective === 'mae' ? ['encoder', 'mae'] : ['encoder']);
    const names = new TextDecoder('latin1').decode(bytesOf('encoder/model.safetensors'));
    expect(names).not.toMatch(/decoder|projection\.layers|bottleneck|denoise|colorize|classifier/);
  });
});
