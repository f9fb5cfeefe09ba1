/**
 * All mutants of a file in one text: each changed expression asks `murmurSite(n)` whether it is mutant n that is to run, so that a
 * file is compiled once for all of its mutants ("mutant schemata", Untch, Offutt and Harrold 1993).
 */
import ts from 'typescript';
import { changesAt } from './signs.ts';

export interface Mutant {
  /** Counted over all files. */
  readonly ordinal: number;
  /** Path in the checkout. */
  readonly file: string;
  /** Line and column, from 1. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** It is decided once, when its module is loaded, and not at each call. */
  readonly atLoad: boolean;
}

export interface Schemata {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

interface FileToMutate {
  readonly file: string;
  readonly source: string;
  /** Of these functions only; of everything where left out. */
  readonly functions?: readonly string[] | undefined;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

function isLeftOut(node: ts.Node, functions: readonly string[] | undefined): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (functions === undefined || !ts.isSourceFile(node.parent)) return false;
  return !(ts.isFunctionDeclaration(node) && functions.includes(node.name?.text ?? ''));
}

const isInFunction = (node: ts.Node): boolean =>
  ts.findAncestor(node, (outer) => ts.isFunctionLike(outer)) !== undefined;

/** Writes a file with all its mutants, numbered from `first`. */
export function schemataOf({ file, source, functions }: FileToMutate, first: number): Schemata {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];

  /** A node's text with its parts written by `part`. */
  const compose = (node: ts.Node, part: (node: ts.Node) => string): string => {
    let text = '';
    let end = node.getStart(tree);
    node.forEachChild((child) => {
      const start = child.getStart(tree);
      text += source.slice(end, start) + part(child);
      end = child.end;
    });
    return text + source.slice(end, node.end);
  };

  const write = (node: ts.Node): string => {
    if (isLeftOut(node, functions)) return node.getText(tree);
    const changes = changesAt(node);
    // Parts are written once, however often they stand in the text: each of their mutants has one number.
    const parts = new Map<ts.Node, string>();
    node.forEachChild((child) => void parts.set(child, write(child)));
    const written = (part: ts.Node): string =>
      part === node ? compose(node, written) : (parts.get(part) ?? compose(part, written));
    const { line, character } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    return changes.reduce((otherwise, change) => {
      const ordinal = first + mutants.length;
      mutants.push({
        ordinal,
        file,
        at: `${line + 1}:${character + 1}`,
        from: oneLine(node.getText(tree)),
        to: oneLine(change.write((part) => part.getText(tree))),
        atLoad: !isInFunction(node),
      });
      return `(murmurSite(${ordinal}) ? ${change.write(written)} : ${otherwise})`;
    }, written(node));
  };

  return { text: compose(tree, write), mutants };
}
