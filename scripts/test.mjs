// `npm test`: installs what is missing, builds the pages, runs every suite, and ends with `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, install, root } from './bootstrap.mjs';
import { buildClient } from './buildClient.mjs';
import { findChromium } from './chromium.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'murmur-test-'));
const bin = (...path) => join(root, 'node_modules', ...path);
const tally = { passed: 0, failed: 0, skipped: 0 };

/** A check without cases of its own counts as one. */
async function check(name, file, args) {
  process.stdout.write(`\n== ${name}\n`);
  const status = await execute(process.execPath, [file, ...args]);
  if (status === 0) tally.passed++;
  else tally.failed++;
}

/** One run of vitest; its cases are counted from its report. A run without a report counts as one failure. */
async function suite(name, args, env = {}) {
  process.stdout.write(`\n== ${name}\n`);
  const report = join(scratch, `${name.replaceAll(' ', '-')}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = await execute(
    process.execPath,
    [bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...args],
    {
      env: { ...process.env, ...env },
    },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    tally.passed += numPassedTests;
    tally.skipped += numPendingTests;
    // A file that does not even load has no failed test; it must not pass for that.
    tally.failed += numFailedTests || (numFailedTestSuites > 0 || status !== 0 ? 1 : 0);
  } catch (error) {
    process.stdout.write(`${name} wrote no report: ${error.message}\n`);
    tally.failed++;
  }
}

await install();
const chromium = await findChromium();
await buildClient();
for (const project of ['packages/core', 'apps/coordinator', 'apps/client', '.']) {
  await check(`types of ${project}`, bin('typescript', 'bin', 'tsc'), ['-p', join(root, project)]);
}
await check('lint', bin('eslint', 'bin', 'eslint.js'), ['.']);
await check('format', bin('prettier', 'bin', 'prettier.cjs'), ['--check', '--log-level=warn', '.']);
const env = { CHROME_PATH: chromium };
const only = process.argv.slice(2);
if (only.length > 0) await suite('chosen tests', only, env);
else {
  // By itself vitest takes one worker less than there are cores: of two, half.
  const workers = Math.max(2, availableParallelism() - 1);
  await suite('units', ['--exclude', 'tests/browser/**', `--maxWorkers=${workers}`], env);
  await suite('real browsers', ['tests/browser', '--no-file-parallelism'], env);
}
rmSync(scratch, { recursive: true, force: true });
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed${skipped}\n`);
process.exitCode = tally.failed > 0 ? 1 : 0;
