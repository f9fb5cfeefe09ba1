// Compiles the kernels of the murmur backend, without and with relaxed SIMD, into one TypeScript module that carries both
// as text: a browser bundles it and Node imports it, and neither has to find a file. Plain Node.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, fail, forget, once, root } from './bootstrap.mjs';

const KERNELS = join(root, 'packages/core/kernels');
const GENERATED = join(root, 'packages/core/src/tensor/simd/kernels.generated.ts');
const VARIANTS = { plain: ['-O3'], relaxed: ['-O3', '--enable', 'relaxed-simd'] };
const FLAGS = ['--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];

/** The kernels whose sources lie in the folder, as base64; ends the process with a sentence when it cannot. */
export async function compileKernels(sources, flags) {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-kernels-'));
  const out = join(folder, 'kernels.wasm');
  const asc = join(root, 'packages/core/node_modules/assemblyscript/bin/asc.js');
  const args = [asc, join(sources, 'index.ts'), ...FLAGS, ...flags, '--outFile', out];
  const status = await execute(process.execPath, args, { stdio: ['ignore', 2, 'inherit'] });
  if (status !== 0)
    fail(`the kernels could not be compiled (asc ended with status ${status}): the lines above say why.`);
  const binary = readFileSync(out).toString('base64');
  rmSync(folder, { recursive: true });
  return binary;
}

/** Leaves the generated module as the kernels' sources say; ends the process with a sentence when it cannot. */
export async function buildKernels() {
  if (!existsSync(GENERATED)) forget('kernels');
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const sources = readdirSync(KERNELS).sort();
  const content =
    lock + sources.map((name) => `${name}\n${readFileSync(join(KERNELS, name), 'utf8')}`).join('\n');
  await once('kernels', content, async () => {
    const lines = [];
    for (const [name, flags] of Object.entries(VARIANTS))
      lines.push(`export const ${name} =\n  '${await compileKernels(KERNELS, flags)}';`);
    writeFileSync(
      GENERATED,
      `// Made by scripts/buildKernels.mjs from packages/core/kernels: base64.\n${lines.join('\n')}\n`,
    );
  });
}
