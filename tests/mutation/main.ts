/** npm run mutate: changes each sign of what must be right and sees that a test fails; ends with 1 where one does not. */
import { parseArgs } from 'node:util';
import { allMutants, noticeable, type SubjectMutant } from './mutants.ts';
import { subjectNames, type SubjectName } from './subjects.ts';
import { tryMutants, type Verdict } from './tryMutants.ts';

const USAGE = `usage: npm run mutate -- [--json] [--only ${subjectNames.join('|')}] [--first N]`;

const isSubject = (name: string): name is SubjectName => subjectNames.some((each) => each === name);

function chosen(only: string | undefined, first: string | undefined): SubjectMutant[] {
  const count = Number(first ?? Infinity);
  if ((only !== undefined && !isSubject(only)) || !(count > 0)) throw new Error(USAGE);
  const mutants = noticeable(allMutants().mutants);
  return mutants.filter(({ subject }) => only === undefined || subject === only).slice(0, count);
}

const name = ({ subject, file, at, from, to }: SubjectMutant) => ({
  subject,
  place: `${file}:${at}`,
  from,
  to,
});

function lineOf({ mutant, killedBy }: Verdict): string {
  const { place, from, to } = name(mutant);
  const outcome = killedBy === undefined ? 'SURVIVED' : 'killed  ';
  return `${outcome} ${place}  ${from}  →  ${to}${killedBy === undefined ? '' : `  by "${killedBy}"`}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      first: { type: 'string' },
    },
  });
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const verdicts = await tryMutants(chosen(values.only, values.first));
  if (!values.json) verdicts.map(lineOf).forEach(print);
  const survived = verdicts.filter(({ killedBy }) => killedBy === undefined);
  const counts = { mutants: verdicts.length, killed: verdicts.length - survived.length };
  const result = { ...counts, survived: survived.map(({ mutant }) => name(mutant)) };
  print(
    values.json
      ? JSON.stringify(result)
      : `${counts.mutants} mutants, ${counts.killed} killed, ${survived.length} survived`,
  );
  if (survived.length > 0) process.exitCode = 1;
}

// Left to itself a signal would end this process without its exit, and with that leave the tests running.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await main();
} catch (error) {
  process.stderr.write(`mutate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
