/**
 * The first key that the outermost object of a valid JSON text holds twice, or undefined.
 * JSON.parse keeps the last of them silently, so two readers may see two different files.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // A walk, not a regular expression: those overflow the stack on a string of some megabytes.
  for (let at = 0; at < json.length; at++) {
    const letter = json[at];
    if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    else if (letter === '"') {
      const end = closingQuote(json, at);
      if (depth === 1 && isKey(json, end)) {
        const name: unknown = JSON.parse(json.slice(at, end + 1));
        if (typeof name === 'string' && seen.has(name)) return name;
        if (typeof name === 'string') seen.add(name);
      }
      at = end;
    }
  }
  return undefined;
}

/** Index of the quote that closes the string opened at `open`. */
function closingQuote(json: string, open: number): number {
  let at = open + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

/** Whether a colon follows, after the white space JSON allows. */
function isKey(json: string, end: number): boolean {
  let at = end + 1;
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++;
  return json[at] === ':';
}
