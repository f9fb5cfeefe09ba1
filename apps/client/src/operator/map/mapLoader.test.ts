import { encodeMap } from '@murmur/core/protocol/map';
import { describe, expect, it } from 'vitest';
import { createMapLoader } from './mapLoader.ts';

const name = (n: number) => n.toString(16).padStart(64, '0');
const facts = { hash: name(0xabc), count: 2, side: 1, channels: 1 } as const;
const index = (...rounds: number[]) => ({
  pictures: facts,
  versions: rounds.map((round) => ({ round, version: name(round) })),
});

function stage() {
  const asked: string[] = [];
  const files = new Map<string, () => Response>([
    [`/operator/map/pictures/${facts.hash}`, () => new Response(Uint8Array.of(1, 2))],
  ]);
  const layout = Float32Array.of(-1, 0, 1, 0);
  for (const round of [0, 10, 20])
    files.set(
      `/operator/map/${name(round)}`,
      () => new Response(encodeMap({ round, pca: layout, umap: layout })),
    );
  const world = { nowMs: 0, changes: 0, tokens: new Set<string | null>() };
  const loader = createMapLoader({
    fetchPath: async (path, init) => {
      asked.push(path.slice('/operator/map/'.length));
      world.tokens.add(new Headers(init.headers).get('authorization'));
      return files.get(path)?.() ?? Response.json({ sentence: 'This part is not kept.' }, { status: 404 });
    },
    token: 'secret',
    now: () => world.nowMs,
    onChange: () => void world.changes++,
  });
  const rounds = () => loader.loading().map?.frames.map(({ round }) => round);
  return { loader, files, asked, world, rounds };
}

describe('the loader of maps', () => {
  it('fetches the pictures once and each map once, with the operator’s token', async () => {
    const { loader, asked, world, rounds } = stage();
    await loader.sync(index(0, 10));
    expect(rounds()).toEqual([0, 10]);
    expect(loader.loading().map?.sprites).toMatchObject({ count: 2, side: 1 });
    await loader.sync(index(0, 10));
    await loader.sync(index(0, 10, 20));
    expect(rounds()).toEqual([0, 10, 20]);
    expect(asked).toEqual([`pictures/${facts.hash}`, name(0), name(10), name(20)]);
    expect([...world.tokens]).toEqual(['Bearer secret']);
    expect(world.changes).toBe(2);
  });

  it('asks for nothing while there is nothing', async () => {
    const { loader, asked } = stage();
    await loader.sync(null);
    await loader.sync(index());
    expect(asked).toEqual([]);
  });

  it('forgets a version that the coordinator has dropped', async () => {
    const { loader, rounds } = stage();
    await loader.sync(index(0, 10, 20));
    await loader.sync(index(0, 20));
    expect(rounds()).toEqual([0, 20]);
  });

  it('says the coordinator’s sentence, keeps what it has, and tries again after ten seconds', async () => {
    const { loader, files, asked, world, rounds } = stage();
    await loader.sync(index(0));
    const file = files.get(`/operator/map/${name(10)}`)!;
    files.delete(`/operator/map/${name(10)}`);
    await loader.sync(index(0, 10));
    expect(loader.loading().problem).toBe('The map could not be fetched: This part is not kept.');
    expect(rounds()).toEqual([0]);
    const before = asked.length;
    files.set(`/operator/map/${name(10)}`, file);
    world.nowMs = 9_999;
    await loader.sync(index(0, 10));
    expect(asked.length).toBe(before);
    world.nowMs = 10_000;
    await loader.sync(index(0, 10));
    expect([rounds(), loader.loading().problem]).toEqual([[0, 10], undefined]);
  });

  it.each([
    ['a lost connection', () => Promise.reject(new TypeError('Failed to fetch')), 'does not answer'],
    ['bytes that are no map', async () => new Response('not a map'), 'different versions'],
    ['an error without a sentence', async () => new Response('', { status: 502 }), 'status 502'],
  ])('has a sentence for %s', async (_, fetchPath, sentence) => {
    const loader = createMapLoader({ fetchPath, token: '', now: () => 0, onChange: () => undefined });
    await loader.sync(index(0));
    expect(loader.loading().problem).toContain(sentence);
  });
});
