/** A document in which parts between marks are written by a program: `<!-- measured: NAME -->` … `<!-- end of NAME -->`. */

const begin = (name: string): string => `<!-- measured: ${name} -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/** The document with these sections in place of the old ones; others stay. Throws where a section has no marks. */
export function withSections(document: string, sections: ReadonlyMap<string, string>): string {
  let text = document;
  for (const [name, content] of sections) {
    const [from, to] = [text.indexOf(begin(name)), text.indexOf(end(name))];
    if (from < 0 || to < from)
      throw new Error(
        `withSections: expected the marks ${begin(name)} and ${end(name)} in the document; add them`,
      );
    text = `${text.slice(0, from + begin(name).length)}\n\n${content}\n\n${text.slice(to)}`;
  }
  return text;
}

/** A Markdown table; `null` and undefined are shown as a dash. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const line = (cells: readonly (string | number | null | undefined)[]): string =>
    `| ${cells.map((cell) => (cell === null || cell === undefined ? '–' : String(cell))).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
