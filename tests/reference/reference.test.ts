import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackendNames, startBackend } from '@murmur/core/tensor/backend';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runFolder } from './runFolder.ts';
import { nodeWasmPath } from './wasmPath.ts';

const golden = new URL('../../../shared/reference/', import.meta.url).pathname;
const present = existsSync(golden);
if (!present) console.warn(`reference: skipping the golden values, the folder ${golden} does not exist`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'murmur-reference-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string) => writeFileSync(join(folder, name), content);
const text = (name: string) => readFileSync(join(golden, name), 'utf8');

/** A copy of a golden file with the first number of `field`, at any depth, moved by `by`. */
function tampered(name: string, field: string, by: number): string {
  const file: unknown = JSON.parse(text(name));
  let done = false;
  const change = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || done) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === field && !done) {
        child.data[0] += by;
        done = true;
      }
      change(child);
    }
  };
  change(file);
  expect(done).toBe(true);
  return JSON.stringify(file);
}

describe.runIf(present).each(cpuBackendNames)('golden values on %s', (backend) => {
  beforeAll(() => startBackend({ backend, wasmPath: nodeWasmPath() }));

  it('agree on every fixture of what is built', async () => {
    const outcomes = await runFolder(golden);
    const bad = outcomes.filter(({ status }) => status === 'failed' || status === 'malformed');
    expect(bad).toEqual([]);
    const passed = outcomes.flatMap(({ file, status }) => (status === 'passed' ? [file] : []));
    expect(passed).toEqual(
      expect.arrayContaining(
        [
          'adamw',
          'attention',
          'autoencoder',
          'block',
          'gelu',
          'layernorm',
          'mae_tiny_normpix',
          'mae_tiny_rawpix',
          'masking',
        ].map((name) => `${name}.json`),
      ),
    );
  });

  it.each([
    ['patchify.json', 'patches', 1e-5],
    ['masking.json', 'mask', 1],
    ['gelu.json', 'dy_dx', 1e-4],
    ['autoencoder.json', 'dec1.bias', 1e-3],
    ['attention.json', 'attention.key.weight', 1e-3],
    ['adamw.json', 'exp_avg_sq', 1e-2],
    ['schedule.json', 'plus_one', 1e-6],
  ])('fail where %s has a wrong %s', async (name, field, by) => {
    put(name, tampered(name, field, by));
    expect(await runFolder(folder)).toMatchObject([{ file: name, status: 'failed' }]);
  });

  it('fail where one gradient of the whole model is wrong', async () => {
    put('mae_tiny_weights.json', text('mae_tiny_weights.json'));
    put('mae_tiny_rawpix.json', tampered('mae_tiny_rawpix.json', 'decoder.mask_token', 1e-4));
    const [raw] = await runFolder(folder);
    expect(raw).toMatchObject({ status: 'failed' });
    expect(raw).toHaveProperty(
      'reasons.0',
      expect.stringContaining('gradient of decoder.mask_token: element 0'),
    );
  });

  it('say which file is missing beside the model', async () => {
    put('mae_tiny_rawpix.json', text('mae_tiny_rawpix.json'));
    expect(await runFolder(folder)).toEqual([
      {
        file: 'mae_tiny_rawpix.json',
        status: 'malformed',
        reasons: ['it needs mae_tiny_weights.json in the same folder, which is missing'],
      },
    ]);
  });
});

describe('a folder of fixtures', () => {
  const meta = (fixture: string) => ({ meta: { fixture, tol: { abs: 0, rel_to_max: 0 } } });

  it('lists what it does not know as skipped, and never passes over a file', async () => {
    put('a.json', JSON.stringify({ ...meta('something_new'), cases: [] }));
    put('b.json', JSON.stringify({ ...meta('clip'), cases: [] }));
    put('notes.txt', 'not a fixture');
    expect(await runFolder(folder)).toEqual([
      { file: 'a.json', status: 'skipped', reason: 'no check for a fixture named "something_new"' },
      { file: 'b.json', status: 'skipped', reason: 'not built yet: the image-text objective' },
    ]);
  });

  it('calls broken files malformed and says why', async () => {
    put('a.json', '{"meta":');
    put('b.json', '{"cases": []}');
    put('c.json', JSON.stringify({ ...meta('gelu'), cases: [{}] }));
    put('d.json', JSON.stringify({ ...meta('gelu'), cases: [] }));
    const outcomes = await runFolder(folder);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('malformed'));
    expect(outcomes[1]).toHaveProperty('reasons.0', expect.stringMatching(/^meta: /));
    expect(outcomes[2]).toHaveProperty('reasons.0', expect.stringMatching(/^cases\.0\.x: /));
    expect(outcomes[3]).toHaveProperty('reasons.0', 'it holds nothing to compare');
  });
});
