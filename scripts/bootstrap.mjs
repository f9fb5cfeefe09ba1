// What both commands share: installs the pinned dependencies once and runs TypeScript entries.
// Plain Node, no dependency: it runs before anything is installed. Everything it says goes to stderr.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PNPM = 'pnpm@12.21.0';

/** Starts a command in the checkout; resolves to its exit status, and passes signals on to it. */
export function execute(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? (signal ? 130 : 1));
    });
  });
}

/** Ends the process with one sentence. */
export function fail(sentence) {
  process.stderr.write(`murmur: ${sentence}\n`);
  process.exit(1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Node ${process.versions.node} is too old: install Node 20.19 or newer (https://nodejs.org) and run the command again.`,
    );
  }
}

const stampOf = (name) => join(root, 'node_modules', '.murmur', name);

/** Runs `work` unless a stamp says that it was done for the same content. */
export async function once(name, content, work) {
  const stamp = stampOf(name);
  const hash = createHash('sha256').update(content).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

/** Makes `once` do the work again. */
export function forget(name) {
  rmSync(stampOf(name), { force: true });
}

/** Installs the dependencies of the lockfile, and compiles the kernels, when they have changed since the last time. */
export async function install() {
  requireNode();
  const content = ['pnpm-lock.yaml', 'pnpm-workspace.yaml']
    .map((f) => readFileSync(join(root, f), 'utf8'))
    .join('');
  await once('install', content, async () => {
    process.stderr.write('murmur: installing dependencies (first run only) …\n');
    const status = await execute(
      'npx',
      ['--yes', '--loglevel=error', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'],
      {
        stdio: ['ignore', 2, 'inherit'],
        shell: process.platform === 'win32',
        env: { ...process.env, CI: 'true' },
      },
    );
    if (status !== 0) {
      fail(
        `the dependencies could not be installed (pnpm ended with status ${status}). Is the npm registry reachable? Run the command again when it is.`,
      );
    }
  });
  // Imported late: it needs this module's functions.
  const { buildKernels } = await import('./buildKernels.mjs');
  await buildKernels();
}

/** Installs, then runs a TypeScript entry to its end and ends with its status. */
export async function run(entry, args, options = {}) {
  await install();
  process.exitCode = await execute(
    process.execPath,
    ['--import', 'tsx', join(root, entry), ...args],
    options,
  );
}
