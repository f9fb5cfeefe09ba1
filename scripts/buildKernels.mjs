// Compiles the kernels of the murmur backend, without and with relaxed SIMD, into one TypeScript module that carries both
// as text: a browser bundles it and Node imports it, and neither has to find a file. Plain Node.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, fail, forget, once, root } from './bootstrap.mjs';

const KERNELS = join(root, 'packages/core/kernels');
const GENERATED = join(root, 'packages/core/src/tensor/simd/kernels.generated.ts');
const VARIANTS = { plain: [], relaxed: ['--enable', 'relaxed-simd'] };
const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];

async function compile(flags, out) {
  const asc = join(root, 'packages/core/node_modules/assemblyscript/bin/asc.js');
  const args = [asc, join(KERNELS, 'index.ts'), ...FLAGS, ...flags, '--outFile', out];
  const status = await execute(process.execPath, args, { stdio: ['ignore', 2, 'inherit'] });
  if (status !== 0)
    fail(`the kernels could not be compiled (asc ended with status ${status}): the lines above say why.`);
  return readFileSync(out).toString('base64');
}

/** Leaves the generated module as the kernels' sources say; ends the process with a sentence when it cannot. */
export async function buildKernels() {
  if (!existsSync(GENERATED)) forget('kernels');
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const sources = readdirSync(KERNELS).sort();
  const content =
    lock + sources.map((name) => `${name}\n${readFileSync(join(KERNELS, name), 'utf8')}`).join('\n');
  await once('kernels', content, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'murmur-kernels-'));
    const lines = [];
    for (const [name, flags] of Object.entries(VARIANTS))
      lines.push(`export const ${name} =\n  '${await compile(flags, join(folder, `${name}.wasm`))}';`);
    rmSync(folder, { recursive: true });
    writeFileSync(
      GENERATED,
      `// Made by scripts/buildKernels.mjs from packages/core/kernels: base64.\n${lines.join('\n')}\n`,
    );
  });
}
