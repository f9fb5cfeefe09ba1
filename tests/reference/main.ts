/** npm run reference -- DIR [--backend NAME …]: checks the numerics against golden values, a line per fixture file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backendNames, type BackendName } from '@murmur/core/tensor/backend';
import { verdictOn, type FileVerdict } from './lines.ts';
import { readFolder } from './runFolder.ts';
import { sentenceOf } from './sentenceOf.ts';
import { checkInChromium, checkInNode, type StandOutcome } from './stands.ts';
import { toleranceFactors } from './toleranceFactors.ts';

const USAGE = `usage: npm run reference -- DIR [--backend ${backendNames.join('|')}], several times or with commas`;

const isBackend = (name: string): name is BackendName => backendNames.some((known) => known === name);

const complain = (sentence: string): number => {
  process.stderr.write(`reference: ${sentence}\n`);
  return 2;
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Ran = Extract<StandOutcome, { kind: 'ran' }>;

/** Prints a line per file, and says how many there were of each kind. */
function sayFiles(files: readonly string[], ran: readonly Ran[]): Record<FileVerdict['status'], number> {
  const counts = { passed: 0, failed: 0, malformed: 0, skipped: 0 };
  for (const file of files) {
    const verdicts = ran.flatMap(({ title, outcomes }) =>
      outcomes.filter((outcome) => outcome.file === file).map((outcome) => ({ title, outcome })),
    );
    const { status, line } = verdictOn(file, verdicts);
    counts[status]++;
    say(line);
  }
  return counts;
}

async function check(folder: string, asked: readonly BackendName[]): Promise<number> {
  const texts = readFolder(folder);
  const files = Object.keys(texts).sort();
  if (files.length === 0) return complain(`no .json fixture lies directly in ${folder}`);
  const wanted = asked.length === 0 ? backendNames : asked;
  const stands = [...(await checkInNode(wanted, texts)), ...(await checkInChromium(wanted, texts))];
  const ran = stands.filter((stand) => stand.kind === 'ran');
  for (const stand of stands)
    if (stand.kind === 'skipped') say(`${stand.title} was not checked: ${stand.reason}`);
  const missing = asked.find((name) => !ran.some(({ backend }) => backend === name));
  if (missing !== undefined) return complain(`the ${missing} backend was asked for and runs nowhere here`);
  const { passed, failed, malformed, skipped } = sayFiles(files, ran);
  const where = ran.map(({ title, backend }) => `${title} (×${toleranceFactors[backend]})`).join('; ');
  say(`${passed} passed, ${failed} failed, ${malformed} malformed, ${skipped} skipped`);
  say(`on ${ran.length} backends, with how many times the files' tolerance: ${where}`);
  return failed + malformed === 0 && passed > 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: 'string', multiple: true, default: [] } },
  });
  const [given] = positionals;
  if (given === undefined || positionals.length > 1) return complain(USAGE);
  const folder = resolve(given);
  if (!existsSync(folder))
    return complain(`the folder ${folder} does not exist; name one that holds fixture files`);
  const names = values.backend.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !isBackend(name));
  if (unknown !== undefined) return complain(`unknown backend ${unknown}; ${USAGE}`);
  return check(folder, names.filter(isBackend));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = complain(sentenceOf(error));
}
