import ts from 'typescript';

/** A test as its reader sees it: with the titles of the `describe`s around it. */
export interface TestTitle {
  readonly title: string;
  /** Line of the call, from 1. */
  readonly line: number;
}

const TESTS: ReadonlySet<string> = new Set(['test', 'it']);
/** What never runs proves nothing. */
const NEVER_RUN: ReadonlySet<string> = new Set(['skip', 'todo']);
/** Of a call whose arguments are no title: they make the function that takes it. */
const MAKERS: ReadonlySet<string> = new Set(['each', 'for', 'runIf', 'skipIf', 'extend']);
/** Stands where a title has a value that only a run knows. */
const UNKNOWN = '…';

interface Callee {
  /** `test` in `test.each(cases)(…)` and in `test(…)`. */
  readonly root: string;
  /** What follows it, `['each']`. */
  readonly words: readonly string[];
}

/** The titles of all tests that a file may run. Titles may be strings, templates, or such joined by `+`. */
export function readTitles(file: string, source: string): TestTitle[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: TestTitle[] = [];

  function visit(node: ts.Node, around: readonly string[]): void {
    const callee = ts.isCallExpression(node) ? calleeOf(node.expression) : undefined;
    if (!ts.isCallExpression(node) || !callee || isMaker(node, callee))
      return ts.forEachChild(node, (child) => visit(child, around));
    if (callee.words.some((word) => NEVER_RUN.has(word))) return;
    const path = [...around, textOf(node.arguments[0])];
    if (TESTS.has(callee.root)) found.push({ title: path.join(' > '), line: lineOf(node) });
    ts.forEachChild(node, (child) => visit(child, callee.root === 'describe' ? path : around));
  }
  const lineOf = (node: ts.Node): number => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

  visit(tree, []);
  return found;
}

/** Of `test`, `it` and `describe` and all that is reached from them by dots, calls and tagged templates. */
function calleeOf(node: ts.Expression): Callee | undefined {
  if (ts.isIdentifier(node)) {
    const known = node.text === 'describe' || TESTS.has(node.text);
    return known ? { root: node.text, words: [] } : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const inner = calleeOf(node.expression);
    return inner && { ...inner, words: [...inner.words, node.name.text] };
  }
  if (ts.isCallExpression(node)) return calleeOf(node.expression);
  return ts.isTaggedTemplateExpression(node) ? calleeOf(node.tag) : undefined;
}

const isMaker = ({ expression }: ts.CallExpression, { words }: Callee): boolean =>
  ts.isPropertyAccessExpression(expression) && MAKERS.has(words.at(-1) ?? '');

function textOf(node: ts.Expression | undefined): string {
  if (!node) return UNKNOWN;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(UNKNOWN);
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  const joined = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
  return joined ? textOf(node.left) + textOf(node.right) : UNKNOWN;
}
