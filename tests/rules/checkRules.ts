import type { Rule } from './readRules.ts';
import type { TestTitle } from './readTitles.ts';

export interface TestFile {
  /** Path in the checkout. */
  readonly file: string;
  readonly titles: readonly TestTitle[];
}

export interface RuleReport {
  /** A line for every rule, in the document's order: its name, and how many tests of which files cite it. */
  readonly lines: readonly string[];
  /** Rules that are not built yet and that no test cites. */
  readonly unbuilt: readonly string[];
  /** Sentences; none is expected. */
  readonly faults: readonly string[];
}

const CITATION = /\b[A-Z]{2}\d+\b/g;
/** The rules that stand before a title's colon: "RD4, RD9: …". */
const LEADING = /(?:^|> )((?:[A-Z]{2}\d+[, ]*)+):/g;

/** Holds the rules against the tests that cite them. */
export function checkRules(rules: readonly Rule[], files: readonly TestFile[]): RuleReport {
  const sections = new Set(rules.map(({ name }) => sectionOf(name)));
  const tests = files.flatMap(({ file, titles }) =>
    titles.map(({ title, line }) => ({ file, line, title, cited: citationsIn(title, sections) })),
  );
  const defined = new Set(rules.map(({ name }) => name));
  const citing = (name: string) => tests.filter(({ cited }) => cited.has(name));
  const unknown = tests.flatMap(({ file, line, title, cited }) =>
    [...cited]
      .filter((name) => !defined.has(name))
      .map((name) => `${file}:${line}: "${title}" cites ${name}, which docs/PROTOCOL.md does not define.`),
  );
  return {
    lines: rules.map((rule) => lineOf(rule, citing(rule.name))),
    unbuilt: rules.filter(({ name, built }) => !built && citing(name).length === 0).map(({ name }) => name),
    faults: [
      ...rules.flatMap((rule, index) => faultOf(rule, rules.slice(0, index), citing(rule.name).length)),
      ...unknown,
    ],
  };
}

const sectionOf = (name: string): string => name.slice(0, 2);

/** Of known sections anywhere in a title, of any where citations stand. */
function citationsIn(title: string, sections: ReadonlySet<string>): Set<string> {
  const anywhere = (title.match(CITATION) ?? []).filter((name) => sections.has(sectionOf(name)));
  const leading = [...title.matchAll(LEADING)].flatMap(([, names = '']) => names.match(CITATION) ?? []);
  return new Set([...anywhere, ...leading]);
}

function faultOf({ name, line, built }: Rule, before: readonly Rule[], tests: number): string[] {
  const first = before.find((other) => other.name === name);
  if (first) return [`${name} is defined twice in docs/PROTOCOL.md, in lines ${first.line} and ${line}.`];
  if (built && tests === 0)
    return [`${name} is cited by no test: begin the title of one that proves it with "${name}: ".`];
  if (!built && tests > 0)
    return [`${name} is cited by ${tests} tests, and says in line ${line} that it is not built yet.`];
  return [];
}

function lineOf({ name, built }: Rule, tests: readonly { readonly file: string }[]): string {
  if (tests.length === 0) return `${name}\t${built ? 'NO TEST' : 'not built yet, no test'}`;
  const files = [...new Set(tests.map(({ file }) => file))];
  return `${name}\t${tests.length === 1 ? '1 test' : `${tests.length} tests`} in ${files.join(', ')}`;
}
