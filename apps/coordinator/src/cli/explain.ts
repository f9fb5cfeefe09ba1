import { CommanderError } from 'commander';
import { EXIT, Failure, sentenceOf } from './failure.ts';
import { InputError } from '../ingest/inputError.ts';
import { systemSentence } from './systemSentence.ts';

/** Turns what a command threw into one sentence and an exit code; a bug keeps its stack. */
export function explain(error: unknown): { code: number; sentence: string } {
  if (error instanceof CommanderError) return explainUsage(error);
  if (error instanceof Failure) return { code: error.exitCode, sentence: error.message };
  if (error instanceof InputError) return { code: EXIT.failure, sentence: error.message };
  const refused = systemSentence(error);
  if (refused !== undefined) return { code: EXIT.failure, sentence: refused };
  const bug = error instanceof Error ? (error.stack ?? error.message) : sentenceOf(error);
  return { code: EXIT.failure, sentence: `this is a bug, please report it: ${bug}` };
}

const SHOWN = ['commander.helpDisplayed', 'commander.help', 'commander.version'];

const ONE_VERB =
  'A verb is one of serve, sweep, shard, export, evaluate, status, doctor and join; data are named by --data, several ' +
  "files by one pattern in quotes ('part_*.tar'). " +
  '"murmur --help" lists what there is.';

function explainUsage(error: CommanderError): { code: number; sentence: string } {
  if (SHOWN.includes(error.code)) return { code: EXIT.success, sentence: '' };
  if (error.code === 'commander.excessArguments') return { code: EXIT.usage, sentence: ONE_VERB };
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').replace(/[()]/g, '').trim();
  const sentence = `${first.replace(/\.+$/, '')}.${hint === '' ? '' : ` ${hint}`} "murmur --help" lists what there is.`;
  return { code: EXIT.usage, sentence };
}
