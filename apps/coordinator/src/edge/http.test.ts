import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryBlobStore } from '../store/memoryBlobStore.ts';
import { fakeCoordinator } from './coordinator.fixture.ts';
import { noCounts } from './edgeCounts.ts';
import { createHttp, type HttpEdge } from './http.ts';
import { SECURITY_HEADERS } from './headers.ts';

const hash = 'ab'.repeat(32);
let dir = '';
let app: FastifyInstance | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-http-'));
  await mkdir(join(dir, 'dist', 'assets'), { recursive: true });
  await mkdir(join(dir, 'shards'));
  await writeFile(join(dir, 'dist', 'index.html'), '<title>join</title>');
  await writeFile(join(dir, 'dist', 'operator.html'), '<title>operate</title>');
  await writeFile(join(dir, 'dist', 'assets', 'main-abc.js'), 'export {}');
  await writeFile(join(dir, 'secret.txt'), 'secret');
});
afterEach(async () => {
  await app?.close();
  await rm(dir, { recursive: true, force: true });
});

async function serve(over: Partial<HttpEdge> = {}): Promise<FastifyInstance> {
  const versions = memoryBlobStore();
  await versions.put(`${hash}.safetensors`, Uint8Array.of(1, 2, 3));
  const maps = memoryBlobStore();
  await maps.put(`${hash}.map`, Uint8Array.of(4, 5));
  await maps.put(`pictures-${hash}.bin`, Uint8Array.of(6));
  app = await createHttp({
    coordinator: fakeCoordinator(),
    versions,
    maps,
    shardFile: (name) => join(dir, 'shards', name),
    clientDir: join(dir, 'dist'),
    joinUrl: (withToken) => `http://10.0.0.1:7600/${withToken ? '#join=letmein' : ''}`,
    joinToken: undefined,
    operatorToken: 'operator-secret',
    counts: noCounts(),
    onError: (error) => {
      throw error;
    },
    ...over,
  });
  return app;
}

describe('http edge', () => {
  it('serves the pages uncached, assets forever, and every answer with the security headers', async () => {
    const server = await serve();
    const cases = [
      ['/', 'join', 'no-cache'],
      ['/operator', 'operate', 'no-cache'],
      ['/assets/main-abc.js', 'export', 'public, max-age=31536000, immutable'],
    ] as const;
    for (const [url, text, cache] of cases) {
      const answer = await server.inject(url);
      expect(answer.statusCode, url).toBe(200);
      expect(answer.body).toContain(text);
      expect(answer.headers['cache-control']).toBe(cache);
      expect(answer.headers).toMatchObject(SECURITY_HEADERS);
    }
  });

  it('says how to build the pages when they are not built', async () => {
    const answer = await (await serve({ clientDir: join(dir, 'nowhere') })).inject('/operator');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm start');
  });

  it('serves the run, its rounds and its health, never from a cache', async () => {
    const server = await serve();
    const run = await server.inject('/api/run');
    expect(run.json()).toEqual(fakeCoordinator().status());
    expect(run.headers['cache-control']).toBe('no-store');
    expect((await server.inject('/api/rounds')).json()).toEqual({ rounds: [] });
    expect((await server.inject('/api/health')).json()).toMatchObject({
      ok: true,
      run: 'run1',
      phase: 'running',
      turnedAway: noCounts(),
    });
  });

  it('serves versions and shards by hash, immutable, as bytes', async () => {
    await writeFile(join(dir, 'shards', hash), 'shard bytes');
    const server = await serve();
    const version = await server.inject(`/versions/${hash}.safetensors`);
    expect([...version.rawPayload]).toEqual([1, 2, 3]);
    const shard = await server.inject(`/shards/${hash}`);
    expect(shard.body).toBe('shard bytes');
    for (const answer of [version, shard]) {
      expect(answer.headers['cache-control']).toContain('immutable');
      expect(answer.headers['content-type']).toBe('application/octet-stream');
    }
    expect(shard.headers['content-length']).toBe('11');
  });

  it.each([
    [`/versions/${'0'.repeat(64)}.safetensors`, 404, 'newest'],
    [`/shards/${'0'.repeat(64)}`, 404, 'no shard'],
    ['/versions/latest.safetensors', 400, '64 hex'],
    [`/versions/${hash}`, 400, '64 hex'],
    ['/shards/..%2F..%2Fsecret.txt', 400, '64 hex'],
    [`/shards/${hash.toUpperCase()}`, 400, '64 hex'],
    [`/shards/${'a'.repeat(500)}`, 404, 'nothing at this address'],
    ['/../secret.txt', 404, 'nothing at this address'],
    ['/assets/..%2F..%2Fsecret.txt', 404, 'nothing at this address'],
    ['/api/nothing', 404, 'nothing at this address'],
    ['/%', 400, 'cannot read'],
  ])('answers %s with %i and a sentence', async (url, status, sentence) => {
    const answer = await (await serve()).inject(url);
    expect([answer.statusCode, answer.body]).toEqual([status, expect.stringContaining(sentence)]);
    expect(answer.body).not.toContain(dir);
    expect(answer.json().sentence).toContain(sentence);
  });

  it('shows a person a page when there is nothing', async () => {
    const answer = await (await serve()).inject({ url: '/wp-admin', headers: { accept: 'text/html,*/*' } });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('There is nothing at this address.');
  });

  it('says nothing about the inside when something breaks, and reports it', async () => {
    const errors: string[] = [];
    const broken = fakeCoordinator({
      status: () => {
        throw new Error('inner detail');
      },
    });
    const server = await serve({ coordinator: broken, onError: (error) => errors.push(error.message) });
    const answer = await server.inject('/api/run');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('inner detail');
    expect(errors).toEqual(['inner detail']);
  });

  it('with a join token names the shards only to those who have it, or the operator', async () => {
    const server = await serve({ joinToken: 'letmein' });
    const dataset = async (authorization?: string) =>
      (await server.inject({ url: '/api/run', headers: authorization ? { authorization } : {} })).json().run
        .dataset;
    expect(await dataset()).toBeNull();
    expect(await dataset('Bearer wrong')).toBeNull();
    expect(await dataset('Bearer letmein')).toEqual({ some: 'manifest' });
    expect(await dataset('Bearer operator-secret')).toEqual({ some: 'manifest' });
  });

  it.each([
    [`/operator/map/${hash}`, [4, 5]],
    [`/operator/map/pictures/${hash}`, [6]],
  ])('serves %s to the operator only, for no cache but the page’s own', async (url, bytes) => {
    const counts = noCounts();
    const server = await serve({ joinToken: 'letmein', counts });
    const ask = (token?: string) =>
      server.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
    const answer = await ask('operator-secret');
    expect([answer.statusCode, [...answer.rawPayload]]).toEqual([200, bytes]);
    expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    expect(answer.headers['vary']).toBe('authorization');
    for (const token of [undefined, 'letmein', 'wrong']) {
      const refused = await ask(token);
      expect([refused.statusCode, refused.json().sentence]).toEqual([
        401,
        expect.stringContaining('for the operator'),
      ]);
      expect(refused.headers['cache-control']).toBe('no-store');
    }
    expect(counts.badTokens).toBe(3);
  });

  it.each([
    ['/operator/map/newest', 400, '64 hex'],
    ['/operator/map/..%2Fpictures', 400, '64 hex'],
    [`/operator/map/${'0'.repeat(64)}`, 404, 'not kept'],
    [`/operator/map/pictures/${'0'.repeat(64)}`, 404, 'not kept'],
  ])('answers the operator’s %s with %i and a sentence', async (url, status, sentence) => {
    const headers = { authorization: 'Bearer operator-secret' };
    const answer = await (await serve()).inject({ url, headers });
    expect([answer.statusCode, answer.json().sentence]).toEqual([status, expect.stringContaining(sentence)]);
  });

  it('puts the join token into the QR code for the operator only', async () => {
    const urls: string[] = [];
    const joinUrl = (withToken: boolean) => {
      urls.push(String(withToken));
      return 'http://10.0.0.1/';
    };
    const server = await serve({ joinUrl });
    const answer = await server.inject('/qr.svg');
    expect(answer.headers['content-type']).toContain('image/svg+xml');
    expect(answer.body).toContain('<svg');
    await server.inject({ url: '/qr.svg', headers: { authorization: 'Bearer operator-secret' } });
    await server.inject({ url: '/qr.svg', headers: { authorization: 'Bearer letmein' } });
    expect(urls).toEqual(['false', 'true', 'false']);
  });
});
