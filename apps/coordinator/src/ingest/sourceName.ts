import { basename, dirname, resolve } from 'node:path';
import { isPattern } from './pathPattern.ts';

const LONGEST = 200;

/** A pattern's name without its wildcards and what joined them: "jpeg_*.tar.gz" → "jpeg". */
const withoutWildcards = (name: string): string =>
  name
    .split(/[*?]+/)
    .map((part) => part.replace(/^[\s._-]+|[\s._-]+$/g, ''))
    .filter((part) => part !== '')
    .join('-');

/** What data are called: the source's own name without its ending; of a pattern without any, its folder's. */
export function sourceName(source: string): string {
  const name = basename(resolve(source)).replace(/(\.(gz|tgz|tar|bin))+$/i, '');
  const plain = isPattern(name) ? withoutWildcards(name) || basename(dirname(resolve(source))) : name;
  return plain.slice(0, LONGEST) || 'pictures';
}
