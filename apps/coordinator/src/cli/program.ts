import { Command, Option } from 'commander';
import { flagOf, SETTING_NAMES, settingOf } from './settings.ts';
import { SWEEP_NAMES, SWEEP_SETTINGS } from '../sweep/sweepSettings.ts';
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
  sweep(flags: Readonly<Record<string, unknown>>): Promise<void>;
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
    .argument('<source>', 'a file, a folder, a pattern in quotes, or "glyphs"')
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
  addSweep(program, verbs);
  for (const command of [program, ...program.commands]) quiet(command);
  return program;
}

/** The settings of these groups, each with its switch turned off where it is one. */
function addSettings(command: Command, groups: readonly SettingGroup[]): void {
  for (const name of SETTING_NAMES) {
    const { group, placeholder, description, fallback } = settingOf(name);
    if (!groups.includes(group)) continue;
    const shown =
      fallback === undefined || typeof fallback === 'boolean' ? '' : ` (default: ${String(fallback)})`;
    const flag = placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`;
    command.addOption(new Option(flag, `${description}${shown}`).helpGroup(GROUP_TITLES[group]));
    if (placeholder === undefined) {
      command.addOption(new Option(flagOf(name).replace('--', '--no-')).hideHelp());
    }
  }
}

function addServe(program: Command, verbs: Verbs): void {
  const serve = program
    .command('serve', { isDefault: true })
    .description('start, or go on with, a run and its pages (the default)')
    .addHelpText('after', SERVE_HELP)
    .option('--config <file>', 'config file (default: murmur.config.json, if there is one)');
  addSettings(serve, Object.keys(GROUP_TITLES) as SettingGroup[]);
  serve.action((flags: Record<string, unknown>) => verbs.serve(flags));
}

const SWEEP_HELP = `
Every combination of the levels is trained with every seed, by volunteers inside this process that are never late, and
scored. results.csv gets a row after each; chart.svg and README.md say at the end what came of it. The same command goes
on where it was stopped. Settings that change together are joined: --vary outerLr+outerMomentum=1+0,0.7+0.9.

Examples:
  murmur sweep --data ./fashion-mnist --vary maskRatio=0.15,0.4,0.6,0.75,0.9 --out mask-ratio
  murmur sweep --vary volunteers=1,2,4,8 --joint-batch 128 --seeds 3 --samples 30000 --out volunteers
  murmur sweep --volunteers 8 --vary attack=none,sign-flip,zero --vary aggregate=auto,mean --out attackers`;

function addSweep(program: Command, verbs: Verbs): void {
  const sweep = program
    .command('sweep')
    .description('train many configurations, compare their scores: a table, a chart and a sentence')
    .addHelpText('after', SWEEP_HELP)
    .option('--vary <name=value,value…>', 'what is varied; may be given several times', collect, [])
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--seeds <n>', 'so many seeds of each configuration', '1')
    .option('--jobs <n>', 'configurations at a time', '2')
    .option('--title <text>', 'title of chart and report')
    .option('--data <path>', 'data set: a file, a folder, or the built-in "glyphs"')
    .option('--volunteers <n>', 'volunteers in this process (default: 2)')
    .option('--samples <n>', 'samples that each configuration trains on (default: 60000)')
    .option('--json', 'one JSON object a line on stdout');
  for (const name of SWEEP_NAMES) {
    const { placeholder, description, fallback } = SWEEP_SETTINGS[name];
    sweep.option(`--${name} <${placeholder}>`, `${description} (default: ${fallback})`);
  }
  addSettings(sweep, ['model', 'training', 'evaluation']);
  sweep.action((flags: Record<string, unknown>) => verbs.sweep(flags));
}

const collect = (given: string, earlier: readonly string[]): string[] => [...earlier, given];

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
