import { Command, Option } from 'commander';
import { flagOf, SETTING_NAMES, settingOf } from './settings.ts';
import type { EvaluateFlags } from './evaluate.ts';
import type { SettingGroup } from './setting.ts';

/** What each verb does; every one resolves to an exit code. */
export interface Verbs {
  serve(flags: Record<string, unknown>): Promise<void>;
  shard(source: string, flags: ShardFlags): Promise<void>;
  exportRun(flags: ExportFlags): Promise<void>;
  evaluate(version: string, flags: EvaluateFlags): Promise<void>;
  status(flags: StatusFlags): Promise<void>;
  doctor(flags: Record<string, unknown>): Promise<void>;
  join(args: readonly string[]): Promise<void>;
}

export interface ShardFlags {
  readonly out: string;
  readonly seed: string;
  readonly imageSize?: string;
  readonly patch?: string;
  readonly json?: boolean;
}

export interface ExportFlags {
  readonly runDir?: string;
  readonly out?: string;
}

export interface StatusFlags {
  readonly runDir?: string;
  readonly json?: boolean;
}

const GROUP_TITLES: Readonly<Record<SettingGroup, string>> = {
  run: 'The run:',
  target: 'Its target (one of):',
  model: 'What is learned:',
  training: 'How it is trained:',
  evaluation: 'Scores:',
  network: 'Network:',
  output: 'Output:',
};

/** Columns; the examples need as many. */
const HELP_WIDTH = 112;

const PROGRAM_HELP = `
Examples:
  murmur                                        train on the built-in pictures with two local volunteers
  murmur --data ./photos --preset tiny          train on a folder of pictures
  murmur --rounds 10 --once --json              ten rounds, machine-readable, then end
  murmur join http://192.168.1.5:7600/          lend this machine to somebody else's run
  murmur doctor                                 check this machine before a lesson

"murmur serve --help" lists every setting. A command without a verb is "serve".
Through npm, everything stands after two dashes: npm start -- --data ./photos`;

const SERVE_HELP = `
A setting is taken from its flag, else its environment variable (--inner-steps: MURMUR_INNER_STEPS), else
murmur.config.json or the file given by --config ({"innerSteps": 3}), else its default.

The same command goes on with the same run after a stop or a crash. Another target, port or number of volunteers
is fine then; settings of what is learned and how it is trained belong to the run, and changing them needs --fresh.

Examples:
  murmur serve --data ./fashion-mnist --samples 60000 --once
  murmur serve --volunteers 0 --min-volunteers 5 --paused      a classroom: wait for five, start by hand
  murmur serve --join-token sesame                             let in only who has the whole address

Exit codes: 0 done, 1 it failed, 2 the command cannot be meant, 130 interrupted (the run is safe; go on any time).`;

/** The command line. Throws a CommanderError instead of ending the process. */
export function createProgram(verbs: Verbs, version: string): Command {
  const program = new Command('murmur')
    .description('Trains one encoder together, in the browser. Others join by opening a page.')
    .version(version)
    .addHelpText('after', PROGRAM_HELP)
    .enablePositionalOptions();
  addServe(program, verbs);
  program
    .command('shard')
    .description('cut a data set into shards, without training')
    .argument('<source>', 'a file, a folder, or "glyphs"')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--seed <n>', 'seed of the shuffle', '0')
    .option('--image-size <n>', 'side that pictures are resized to')
    .option('--patch <n>', 'side of a patch')
    .option('--json', 'print one JSON event')
    .action((source: string, flags: ShardFlags) => verbs.shard(source, flags));
  program
    .command('export')
    .description('write the newest encoder of a run as Hugging Face folders')
    .option('--run-dir <dir>', 'folder of the run (default: the only one in .murmur)')
    .option('--out <dir>', 'folder to write to (default: export in the run folder)')
    .action((flags: ExportFlags) => verbs.exportRun(flags));
  program
    .command('status')
    .description('where the runs of this folder stand')
    .option('--run-dir <dir>', 'this run only')
    .option('--json', 'one JSON object a line')
    .action((flags: StatusFlags) => verbs.status(flags));
  program
    .command('doctor')
    .description('check this machine and say what to do')
    .option('--data <path>', 'data set that is to be used', 'glyphs')
    .option('--port <n>', 'port that is to be used', '7600')
    .action((flags: Record<string, unknown>) => verbs.doctor(flags));
  addEvaluate(program, verbs);
  addJoin(program, verbs);
  for (const command of [program, ...program.commands]) quiet(command);
  return program;
}

function addServe(program: Command, verbs: Verbs): void {
  const serve = program
    .command('serve', { isDefault: true })
    .description('start, or go on with, a run and its pages (the default)')
    .addHelpText('after', SERVE_HELP)
    .option('--config <file>', 'config file (default: murmur.config.json, if there is one)');
  for (const name of SETTING_NAMES) {
    const { group, placeholder, description, fallback } = settingOf(name);
    const shown =
      fallback === undefined || typeof fallback === 'boolean' ? '' : ` (default: ${String(fallback)})`;
    const flag = placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`;
    serve.addOption(new Option(flag, `${description}${shown}`).helpGroup(GROUP_TITLES[group]));
    if (placeholder === undefined) {
      serve.addOption(new Option(flagOf(name).replace('--', '--no-')).hideHelp());
    }
  }
  serve.action((flags: Record<string, unknown>) => verbs.serve(flags));
}

function addEvaluate(program: Command, verbs: Verbs): void {
  program
    .command('evaluate')
    .description('how good the encoder of a run is, on labelled pictures')
    .argument(
      '[version]',
      'a version or the beginning of its name, "untrained", or the path of an exported encoder',
      'latest',
    )
    .option('--data <path>', 'labelled pictures (default: the evaluation set of the run)')
    .option('--run-dir <dir>', 'folder of the run (default: the only one in .murmur)')
    .option('--labels <n>', 'labelled pictures to learn from, at most')
    .option('--tests <n>', 'pictures to test on, at most')
    .option('--token <mean|class>', 'what of the encoder stands for a picture', 'mean')
    .option('--few-label', 'also probes that know 1 % and 10 % of the labels')
    .option('--fine-tune', 'also supervised training that begins from the encoder (takes minutes)')
    .option('--seed <n>', 'seed of everything random', '0')
    .option('--json', 'print one JSON event')
    .action((version: string, flags: EvaluateFlags) => verbs.evaluate(version, flags));
}

function addJoin(program: Command, verbs: Verbs): void {
  program
    .command('join')
    .description('volunteer with this machine, without a browser')
    .argument('<url>', 'the join address, with everything after #')
    .argument(
      '[options...]',
      '--name TEXT, --token TEXT, --cache DIR, --workers N, --throttle PERCENT, --backend NAME, --quiet, --json',
    )
    .usage('<url> [options]')
    .allowUnknownOption()
    .passThroughOptions()
    .action((url: string, options: string[]) => verbs.join([url, ...options]));
}

/** Failures are told in one place, as one sentence. */
function quiet(command: Command): void {
  command
    .exitOverride()
    .configureHelp({ helpWidth: HELP_WIDTH, minWidthToWrap: 30 })
    .configureOutput({ outputError: () => undefined });
}
