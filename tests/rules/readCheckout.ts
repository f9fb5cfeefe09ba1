import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { checkRules, type RuleReport, type TestFile } from './checkRules.ts';
import { readRules } from './readRules.ts';
import { readTitles } from './readTitles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TREES = ['packages', 'apps', 'tests'];
const LEFT_OUT = /(^|\/)(node_modules|dist|\.[^/]+)\//;

function testFiles(tree: string): TestFile[] {
  return readdirSync(join(ROOT, tree), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.test\.tsx?$/.test(path) && !LEFT_OUT.test(path))
    .sort()
    .map((path) => {
      const file = join(ROOT, tree, path);
      return { file: relative(ROOT, file), titles: readTitles(file, readFileSync(file, 'utf8')) };
    });
}

/** The rules of docs/PROTOCOL.md against every test of this checkout. */
export const checkCheckout = (): RuleReport =>
  checkRules(
    readRules(readFileSync(join(ROOT, 'docs/PROTOCOL.md'), 'utf8')),
    TREES.flatMap((tree) => testFiles(tree)),
  );
