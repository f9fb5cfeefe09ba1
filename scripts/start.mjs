// npm start: installs, builds the pages when their sources have changed, then runs the murmur command with everything
// after `--`. Plain Node. What it says goes to stderr, so that stdout belongs to the command (--json).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { execute, fail, install, once, root } from './bootstrap.mjs';

const BUILT_FROM = [
  'apps/client/index.html',
  'apps/client/operator.html',
  'apps/client/package.json',
  'apps/client/vite.config.ts',
  'apps/client/src',
  'packages/core/src',
  'pnpm-lock.yaml',
];
/** Verbs and flags that need no pages. */
const WITHOUT_PAGES = [
  '--help',
  '-h',
  '--version',
  '-V',
  'help',
  'shard',
  'export',
  'status',
  'doctor',
  'join',
];

/** Files of these paths, tests left out, in a fixed order. */
function filesOf(path) {
  try {
    return readdirSync(join(root, path), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => filesOf(`${path}/${entry.name}`));
  } catch (error) {
    if (error.code === 'ENOTDIR') return /\.(test|fixture)\./.test(path) ? [] : [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

const contentOf = (paths) =>
  paths
    .flatMap(filesOf)
    .map((path) => `${path}\0${readFileSync(join(root, path), 'base64')}\n`)
    .join('');

async function buildPages() {
  process.stderr.write('murmur: building the pages …\n');
  const vite = createRequire(join(root, 'apps/client/package.json')).resolve('vite/package.json');
  const status = await execute(
    process.execPath,
    [join(vite, '../bin/vite.js'), 'build', '--logLevel', 'error'],
    {
      cwd: join(root, 'apps/client'),
      stdio: ['ignore', 2, 'inherit'],
    },
  );
  if (status !== 0) fail(`the pages could not be built (vite ended with status ${status}).`);
}

const args = process.argv.slice(2);
await install();
if (!args.some((arg) => WITHOUT_PAGES.includes(arg))) await once('pages', contentOf(BUILT_FROM), buildPages);

const coordinator = join(root, 'apps/coordinator');
const tsx = createRequire(join(coordinator, 'package.json')).resolve('tsx');
process.exitCode = await execute(
  process.execPath,
  ['--import', pathToFileURL(tsx).href, join(coordinator, 'src/main.ts'), ...args],
  // Paths are meant from where the person stands, not from where npm goes.
  { cwd: (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) || process.cwd() },
);
