import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const CORE = join(ROOT, 'packages/core/src');

/**
 * What each core folder may import, besides itself: the one-way flow of docs/ARCHITECTURE.md. The moving half
 * (codec … volunteer) names no learning folder and of tensor/ only params.ts; `engine` is where the halves meet.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  random: [],
  hash: [],
  tensor: ['random'],
  data: ['random', 'hash'],
  nn: ['tensor', 'random'],
  models: ['nn', 'tensor', 'random'],
  augment: ['random'],
  objectives: ['augment', 'models', 'nn', 'tensor', 'data', 'random'],
  optim: ['tensor'],
  train: ['objectives', 'optim', 'models', 'nn', 'tensor', 'data', 'random'],
  evaluate: ['train', 'objectives', 'optim', 'models', 'nn', 'tensor', 'random'],
  version: ['hash', 'tensor/params'],
  export: ['version', 'models', 'nn', 'objectives', 'tensor', 'random'],
  protocol: ['hash'],
  codec: ['protocol'],
  aggregate: ['codec', 'protocol'],
  exchange: ['aggregate', 'codec', 'hash', 'protocol', 'volunteer/ports'],
  round: ['aggregate', 'codec', 'hash', 'protocol', 'random', 'volunteer/ports'],
  volunteer: ['exchange', 'aggregate', 'codec', 'protocol', 'version'],
  rehearsal: ['engine', 'round', 'aggregate', 'codec', 'protocol', 'random', 'volunteer/ports'],
  engine: [
    'train',
    'objectives',
    'models',
    'data',
    'aggregate',
    'codec',
    'protocol',
    'version',
    'hash',
    'random',
    'tensor',
    'volunteer/ports',
    'volunteer/view',
  ],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const isSource = (name: string): boolean => /\.tsx?$/.test(name) && !/\.(test|fixture)\.tsx?$/.test(name);

const sources = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => isSource(name) && !name.includes('node_modules') && !name.startsWith('dist'))
    .map((name) => join(dir, name));

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => ({
    from: file,
    to: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

const corePath = (from: string, to: string): string | undefined =>
  to.startsWith('.') ? relative(CORE, resolve(dirname(from), to)).replace(/\.tsx?$/, '') : undefined;

const folderOf = (path: string): string => path.split('/')[0] ?? '';
const coreFiles = sources(CORE);

test('every core folder is in the import table, and the other way round', () => {
  const folders = new Set(coreFiles.map((file) => folderOf(relative(CORE, file))));
  expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

test('core folders import only what the table allows', () => {
  const breaches = coreFiles.flatMap(importsOf).flatMap(({ from, to }) => {
    const path = corePath(from, to);
    const folder = folderOf(relative(CORE, from));
    if (path === undefined || folderOf(path) === folder) return [];
    const allowed = MAY_IMPORT[folder] ?? [];
    const fits = allowed.includes(folderOf(path)) || allowed.includes(path) || path === 'tensor/params';
    return fits ? [] : [`${relative(ROOT, from)} imports ${path}`];
  });
  expect(breaches).toEqual([]);
});

test('only tensor/ knows the tensor library, and core knows neither Node nor sockets', () => {
  const breaches = coreFiles.flatMap(importsOf).flatMap(({ from, to }) => {
    const folder = folderOf(relative(CORE, from));
    const library = to.startsWith('@tensorflow/') && folder !== 'tensor';
    const host = /^(node:|socket\.io|simple-peer|comlink|fastify)/.test(to);
    return library || host ? [`${relative(ROOT, from)} imports ${to}`] : [];
  });
  expect(breaches).toEqual([]);
});

test('no core file takes part in a circle of imports', () => {
  const edges = new Map(
    coreFiles.map((file) => [
      file,
      importsOf(file).flatMap(({ to, typeOnly }) =>
        to.startsWith('.') && !typeOnly ? [resolve(dirname(file), to)] : [],
      ),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file))
      circles.push([...path.slice(path.indexOf(file)), file].map((f) => relative(CORE, f)).join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test('apps import core and never each other', () => {
  const breaches = ['apps/coordinator/src', 'apps/client/src'].flatMap((app) =>
    sources(join(ROOT, app))
      .flatMap(importsOf)
      .flatMap(({ from, to }) => {
        const outside = to.startsWith('.') && !resolve(dirname(from), to).startsWith(join(ROOT, app));
        const other = app.includes('coordinator') ? '@murmur/client' : '@murmur/coordinator';
        return outside || to.startsWith(other) ? [`${relative(ROOT, from)} imports ${to}`] : [];
      }),
  );
  expect(breaches).toEqual([]);
});

test('no view knows a socket or a tensor', () => {
  const views = ['volunteer', 'operator', 'views'].flatMap((dir) =>
    sources(join(ROOT, 'apps/client/src', dir)),
  );
  const breaches = views
    .filter((file) => file.endsWith('.tsx') && !file.endsWith('main.tsx'))
    .flatMap(importsOf)
    .filter(
      ({ to, typeOnly }) =>
        !typeOnly && /socket\.io|@tensorflow|core\/(tensor|engine|train)|\/host\//.test(to),
    )
    .map(({ from, to }) => `${relative(ROOT, from)} imports ${to}`);
  expect(breaches).toEqual([]);
});

test('the table can fail: a forbidden import is found', () => {
  const path = corePath(join(CORE, 'codec/made-up.ts'), '../train/trainer.ts');
  expect(path).toBe('train/trainer');
  expect(MAY_IMPORT['codec']).not.toContain(folderOf(path ?? ''));
});
