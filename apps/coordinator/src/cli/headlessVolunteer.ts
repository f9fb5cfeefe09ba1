import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.ts';
import type { VolunteerProcess } from './superviseVolunteers.ts';

/** The headless volunteer belongs to another app: it is run, never imported. */
const ENTRY = fileURLToPath(new URL('../../../client/src/headless/main.ts', import.meta.url));
const EXIT_WITH_PARENT = new URL('./exitWithParent.mjs', import.meta.url).href;
const TSX = import.meta.resolve('tsx');

function requireEntry(): string {
  if (existsSync(ENTRY)) return ENTRY;
  throw new Failure(`The headless volunteer is missing (${ENTRY}): take a whole copy of murmur.`);
}

/** Runs a volunteer in the foreground with this terminal, for `murmur join`. */
export function joinInForeground(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', TSX, requireEntry(), ...args], { stdio: 'inherit' });
}

/**
 * Starts a volunteer in the background. Its lines go to `log`; it ends when this process does, however that ends.
 */
export function startLocalVolunteer(args: readonly string[], log: (line: string) => void): VolunteerProcess {
  const child = spawn(
    process.execPath,
    ['--import', TSX, '--import', EXIT_WITH_PARENT, requireEntry(), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let lastLine = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stderr && line.trim() !== '') lastLine = line.trim();
      log(line);
    });
  }
  return {
    onEnd: (call) => {
      let told = false;
      const tell = (sentence: string | undefined) => {
        if (!told) call(sentence);
        told = true;
      };
      child.once('error', (error) => tell(error.message));
      child.once('close', (code, signal) => tell(endSentence(code, signal, lastLine)));
    },
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function endSentence(code: number | null, signal: string | null, lastLine: string): string | undefined {
  if (code === 0) return undefined;
  const how = signal ? `it was ended by ${signal}` : `it ended with status ${code ?? '?'}`;
  return lastLine === '' ? how : `${how}: ${lastLine}`;
}
