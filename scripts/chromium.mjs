// Finds a Chromium for the browser tests, or installs one: CHROME_PATH, the usual places, the system's package
// manager when root, Playwright's own; else one sentence that says what to install.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createRequire } from 'node:module';
import { execute, fail, root } from './bootstrap.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const PLACES = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

function installed() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => NAMES.map((name) => join(dir, name)));
  return [...onPath, ...PLACES].find((path) => existsSync(path));
}

function playwrightsOwn() {
  const require = createRequire(join(root, 'package.json'));
  const path = require('playwright-core').chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}

const isRoot = () => process.getuid?.() === 0;
const quietly = { stdio: ['ignore', 2, 'inherit'] };

async function installBySystem() {
  if (!isRoot() || !existsSync('/usr/bin/apt-get')) return;
  process.stderr.write("murmur: no Chromium found, installing the system's (first run only) …\n");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await execute('apt-get', ['update', '-qq'], { ...quietly, env });
  await execute('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    ...quietly,
    env,
  });
}

async function installByPlaywright() {
  process.stderr.write('murmur: no Chromium found, asking Playwright for one (first run only) …\n');
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  await execute(process.execPath, [cli, 'install', 'chromium-headless-shell', 'chromium'], quietly);
}

/** The path of a Chromium; ends the process with a sentence when there is none to be had. */
export async function findChromium() {
  const given = process.env.CHROME_PATH;
  if (given)
    return existsSync(given)
      ? given
      : fail(`CHROME_PATH is ${given}, and there is no file. Correct or unset it.`);
  const found = installed() ?? playwrightsOwn();
  if (found) return found;
  await installBySystem();
  if (installed()) return installed();
  await installByPlaywright();
  return (
    playwrightsOwn() ??
    fail(
      'the browser tests need Chromium and none could be installed. Install Chromium or Chrome, or set CHROME_PATH to one, and run npm test again.',
    )
  );
}
