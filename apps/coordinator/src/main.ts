/** The coordinator's composition root: wires the command line to what it is made of, and computes nothing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readConfigFile } from './cli/configFile.ts';
import { evaluate, type EvaluateParts } from './cli/evaluate.ts';
import { explain } from './cli/explain.ts';
import { joinInForeground, startLocalVolunteer } from './cli/headlessVolunteer.ts';
import { onInterrupt } from './cli/interruption.ts';
import { openRun } from './cli/openRun.ts';
import { exportStored } from './cli/exportStored.ts';
import { createProgram } from './cli/program.ts';
import { resolveOptions, type ServeOptions } from './cli/resolveOptions.ts';
import { serve, type ServeContext, type ServeParts } from './cli/serve.ts';
import { sweep, sweepFlags } from './cli/sweepVerb.ts';
import * as verbs from './cli/verbs.ts';
import { listen } from './edge/listen.ts';
import { runEvaluation } from './evaluate/runEvaluation.ts';
import { openDataset } from './ingest/dataset.ts';
import { ingest } from './ingest/ingest.ts';
import { jsonAnnouncer, textAnnouncer } from './observe/announcer.ts';
import { barReporter, lineReporter } from './observe/ingestProgress.ts';
import { createLogger } from './observe/logger.ts';
import { fileBlobStore } from './store/fileBlobStore.ts';
import { sqliteRunStore } from './store/sqliteRunStore.ts';

const CLIENT_DIR = fileURLToPath(new URL('../../client/dist', import.meta.url));
const VERSION = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);

const cwd = process.cwd();
const stdout = (text: string) => void process.stdout.write(text);
const stderr = (text: string) => void process.stderr.write(text);
const monotonic = () => performance.now();
const after = (ms: number, call: () => void) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};
const ingestReporter = () =>
  process.stderr.isTTY ? barReporter(process.stderr) : lineReporter(stderr, monotonic);

const serveParts: ServeParts = {
  ingest,
  openDataset,
  openStore: sqliteRunStore,
  openBlobs: fileBlobStore,
  openRun,
  listen,
  startVolunteer: startLocalVolunteer,
};

const announcerFor = (json: boolean) =>
  json ? jsonAnnouncer(stdout, stderr) : textAnnouncer(stdout, stderr);

const serveContext = (options: ServeOptions): ServeContext => ({
  cwd,
  clientDir: CLIENT_DIR,
  isTerminal: process.stdout.isTTY,
  announcer: announcerFor(options.json),
  ingestReporter,
  log: createLogger(options.logLevel, process.stderr.isTTY),
  interrupted: onInterrupt(monotonic, (code) => process.exit(code)),
  // Wall time that never goes back, whatever is done to the machine's clock.
  clock: { wallMs: () => performance.timeOrigin + performance.now(), now: monotonic, after },
});

const verbParts: verbs.VerbParts = {
  cwd,
  clientDir: CLIENT_DIR,
  print: (line) => stdout(`${line}\n`),
  announcer: announcerFor(false),
  ingestReporter,
  ingest,
  openStore: sqliteRunStore,
  exportStored,
  join: joinInForeground,
};

const sweepParts = {
  cwd,
  env: process.env,
  ingest,
  ingestReporter,
  progress: (line: string) => stderr(`murmur: ${line}\n`),
};

const evaluateParts: EvaluateParts = {
  cwd,
  print: verbParts.print,
  tell: (sentence) => stderr(`murmur: ${sentence}\n`),
  ingestReporter,
  runEvaluation,
};

async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const end = async (running: Promise<number>) => void (code = await running);
  const program = createProgram(
    {
      serve: async ({ config, ...flags }) => {
        const file = await readConfigFile(config === undefined ? undefined : String(config), cwd);
        const options = resolveOptions({ flags, env: process.env, file });
        await end(serve(options, serveParts, serveContext(options)));
      },
      shard: (source, flags) => end(verbs.shard(verbParts, source, flags)),
      exportRun: (flags) => end(verbs.exportRun(verbParts, flags)),
      evaluate: (version, flags) => end(evaluate(evaluateParts, version, flags)),
      status: (flags) => end(verbs.status(verbParts, flags)),
      doctor: (flags) => end(verbs.doctor(verbParts, flags)),
      join: (joinArgs) => end(verbs.join(verbParts, joinArgs)),
      sweep: (flags) =>
        end(
          sweep(sweepFlags(flags, args), sweepParts, { json: flags['json'] === true, line: verbParts.print }),
        ),
    },
    VERSION,
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const { code: failed, sentence } = explain(error);
    if (sentence !== '') announcerFor(args.includes('--json')).failed(sentence);
    return failed;
  }
}

const code = await main(process.argv.slice(2));
// Written out first, then ended for good: a stray timer or socket must not keep a finished command alive.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
