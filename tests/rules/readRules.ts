/** A numbered rule of docs/PROTOCOL.md. */
export interface Rule {
  readonly name: string;
  /** Line of its definition, from 1. */
  readonly line: number;
  /** Whether the rule says "Not built yet" of itself; one that says so of a part of itself only is built. */
  readonly built: boolean;
}

const DEFINITION = /^- \*\*([A-Z]{2}\d+)\*\*(.*)$/;
const UNBUILT = /^\s*_\(Not built yet\.\)_/;

/** Every definition in the document, in its order; a rule defined twice comes twice. */
export const readRules = (markdown: string): Rule[] =>
  markdown.split('\n').flatMap((text, index) => {
    const [, name, rest = ''] = DEFINITION.exec(text) ?? [];
    return name === undefined ? [] : [{ name, line: index + 1, built: !UNBUILT.test(rest) }];
  });
