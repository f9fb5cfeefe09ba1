/** The scripts of the built volunteer page, and what they weigh on the way to a browser. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../../support/jsonProcess.ts';

export const DIST = join(ROOT, 'apps/client/dist');

export interface PageScript {
  readonly file: string;
  /** Loaded by every visit that joins: by the page, by another such script, or as its worker. Others wait for an `import()`. */
  readonly always: boolean;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const QUOTE = '["\'`]';
const NAME = `${QUOTE}(?:[^"'\`]*/)?([\\w.-]+\\.js)${QUOTE}`;
/** What the parser of a module follows at once, and what starts a worker. */
const AT_ONCE = [
  `\\bfrom\\s*${NAME}`,
  `\\bimport\\s*${NAME}`,
  `new URL\\(\\s*${NAME}`,
  `new Worker\\(\\s*${NAME}`,
];
const LATER = [`\\bimport\\(\\s*${NAME}`];
const IN_HTML = ['<script[^>]+src="([^"]+\\.js)"', '<link[^>]+href="([^"]+\\.js)"'];

const found = (text: string, patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) =>
    [...text.matchAll(new RegExp(pattern, 'g'))].map((match) => basename(match[1] ?? '')),
  );

/** Every script that the page in `dist` can load; the largest first. Throws where the page is not built. */
export function pageScripts(dist = DIST): PageScript[] {
  const textOf = (file: string): string => readFileSync(join(dist, 'assets', file), 'utf8');
  const always = new Set<string>();
  const later = new Set<string>();
  const follow = (file: string, into: Set<string>): void => {
    if (always.has(file) || into.has(file)) return;
    into.add(file);
    const text = textOf(file);
    found(text, AT_ONCE).forEach((next) => follow(next, into));
    found(text, LATER).forEach((next) => onDemand.push(next));
  };
  const onDemand: string[] = [];
  found(readFileSync(join(dist, 'index.html'), 'utf8'), IN_HTML).forEach((file) => follow(file, always));
  for (let next = onDemand.pop(); next !== undefined; next = onDemand.pop()) follow(next, later);
  return [...always, ...later]
    .map((file) => {
      const text = textOf(file);
      const gzipBytes = gzipSync(text).length;
      return { file, always: always.has(file), bytes: Buffer.byteLength(text), gzipBytes };
    })
    .sort((a, b) => b.gzipBytes - a.gzipBytes);
}
