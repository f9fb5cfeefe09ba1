// Builds the pages when their sources have changed since the last build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, fail, forget, once, root } from './bootstrap.mjs';

const SOURCES = ['apps/client', 'packages/core/src'];
const PASSED_OVER = new Set(['node_modules', 'dist', 'gallery']);

function* files(dir) {
  for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
    if (PASSED_OVER.has(entry.name)) continue;
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) yield* files(path);
    else if (!/\.(test|fixture)\./.test(entry.name)) yield path;
  }
}

/** Leaves apps/client/dist as the sources say; ends the process with a sentence when it cannot. */
export async function buildClient() {
  if (!existsSync(join(root, 'apps/client/dist/index.html'))) forget('client');
  const sources = SOURCES.flatMap((dir) => [...files(dir)]).sort();
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const content =
    lock + sources.map((path) => `${path}\n${readFileSync(join(root, path), 'utf8')}`).join('\n');
  await once('client', content, async () => {
    process.stderr.write('murmur: building the pages …\n');
    const vite = join(root, 'apps/client/node_modules/vite/bin/vite.js');
    const options = { cwd: join(root, 'apps/client'), stdio: ['ignore', 2, 'inherit'] };
    const status = await execute(process.execPath, [vite, 'build', '--logLevel', 'warn'], options);
    if (status !== 0)
      fail(`the pages could not be built (vite ended with status ${status}): the lines above say why.`);
  });
}
