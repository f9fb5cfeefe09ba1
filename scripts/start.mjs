// npm start: installs, builds the pages when their sources have changed, then runs the murmur command with everything
// after `--`. Plain Node. What it says goes to stderr, so that stdout belongs to the command (--json).
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { execute, install, root } from './bootstrap.mjs';
import { buildClient } from './buildClient.mjs';

/** Verbs and flags that need no pages. */
const WITHOUT_PAGES = [
  '--help',
  '-h',
  '--version',
  '-V',
  'help',
  'shard',
  'export',
  'evaluate',
  'status',
  'doctor',
  'join',
];

const args = process.argv.slice(2);
await install();
if (!args.some((arg) => WITHOUT_PAGES.includes(arg))) await buildClient();

const coordinator = join(root, 'apps/coordinator');
const tsx = createRequire(join(coordinator, 'package.json')).resolve('tsx');
process.exitCode = await execute(
  process.execPath,
  ['--import', pathToFileURL(tsx).href, join(coordinator, 'src/main.ts'), ...args],
  // Paths are meant from where the person stands, not from where npm goes.
  { cwd: (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) || process.cwd() },
);
