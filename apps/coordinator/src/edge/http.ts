import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import QRCode from 'qrcode';
import type { CoordinatorPort } from '../run/ports.ts';
import type { BlobStore } from '../store/blobStore.ts';
import { errorPage } from './errorPage.ts';
import { IMMUTABLE, SECURITY_HEADERS } from './headers.ts';
import { addMap, type MapEdge } from './mapRoutes.ts';
import { badRequest, bearer, immutable, missing, uncached } from './replies.ts';
import { isSecret } from './secret.ts';

export interface HttpEdge extends MapEdge {
  readonly coordinator: CoordinatorPort;
  readonly versions: BlobStore;
  /** Path of a shard's file; undefined for one that the data set does not have. */
  readonly shardFile: (hash: string) => string | undefined;
  /** Folder of the built pages: index.html, operator.html, assets/. */
  readonly clientDir: string;
  /** With `token`, the address includes it. */
  readonly joinUrl: (withToken: boolean) => string;
  readonly joinToken: string | undefined;
  readonly onError: (error: Error) => void;
}

const HASH = /^[0-9a-f]{64}$/;

/** The HTTP server, not yet listening: pages, read-only JSON, and immutable content by hash. */
export async function createHttp(edge: HttpEdge): Promise<FastifyInstance> {
  const app = Fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: (error, _, reply) => void sendError(edge, error, reply),
  });
  app.addHook('onRequest', async (_, reply) => void reply.headers(SECURITY_HEADERS));
  app.setErrorHandler((error, _, reply) => sendError(edge, error, reply));
  app.setNotFoundHandler(notFound);
  addApi(app, edge);
  addContent(app, edge);
  addMap(app, edge);
  await addPages(app, edge);
  return app;
}

function addApi(app: FastifyInstance, edge: HttpEdge): void {
  const { coordinator } = edge;
  app.get('/api/run', async (request, reply) => {
    uncached(reply);
    const { run, status, volunteers } = coordinator.status();
    // The manifest names the shards, and whoever can name one can fetch it: with a token it is for those who have it.
    const shown = mayReadData(request, edge) ? run : { ...run, dataset: null };
    return { run: shown, status, volunteers };
  });
  app.get('/api/rounds', async (_, reply) => {
    uncached(reply);
    return { rounds: coordinator.rounds() };
  });
  app.get('/api/health', async (_, reply) => {
    uncached(reply);
    const { run, status, volunteers } = coordinator.status();
    return { ok: true, run: run.run, ...status, volunteers, turnedAway: edge.counts };
  });
  app.get('/qr.svg', async (request, reply) => {
    uncached(reply);
    const url = edge.joinUrl(isSecret(bearer(request), edge.operatorToken));
    return reply.type('image/svg+xml').send(await QRCode.toString(url, { type: 'svg', margin: 2 }));
  });
}

function addContent(app: FastifyInstance, edge: HttpEdge): void {
  app.get<{ Params: { file: string } }>('/versions/:file', async (request, reply) => {
    const [, hash] = /^([0-9a-f]{64})\.safetensors$/.exec(request.params.file) ?? [];
    if (!hash) return badRequest(reply, 'A version is asked for as /versions/<64 hex digits>.safetensors.');
    const bytes = await edge.versions.get(`${hash}.safetensors`);
    if (!bytes) return missing(reply, 'This version is not kept any more: ask /api/run for the newest one.');
    return immutable(reply).send(bytes);
  });
  app.get<{ Params: { hash: string } }>('/shards/:hash', async (request, reply) => {
    const { hash } = request.params;
    if (!HASH.test(hash)) return badRequest(reply, 'A shard is asked for as /shards/<64 hex digits>.');
    const file = edge.shardFile(hash);
    const found = file && (await stat(file).catch(() => undefined));
    if (!file || !found || !found.isFile()) return missing(reply, 'This run has no shard of that name.');
    return immutable(reply).header('content-length', found.size).send(createReadStream(file));
  });
}

async function addPages(app: FastifyInstance, edge: HttpEdge): Promise<void> {
  if (!existsSync(join(edge.clientDir, 'index.html'))) {
    const sentence =
      'The pages are not built. Run "npm start", which builds them, or "npx vite build" in apps/client.';
    for (const path of ['/', '/operator']) {
      app.get(path, (_, reply) =>
        reply.code(503).type('text/html').send(errorPage('No pages yet', sentence)),
      );
    }
    return;
  }
  const assets = `${sep}assets${sep}`;
  await app.register(fastifyStatic, {
    root: edge.clientDir,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Names under assets/ carry a hash of the content.
      const named = path.slice(edge.clientDir.length).startsWith(assets);
      reply.header('cache-control', named ? IMMUTABLE : 'no-cache');
    },
  });
  app.get('/', (_, reply) => reply.sendFile('index.html'));
  app.get('/operator', (_, reply) => reply.sendFile('operator.html'));
}

function mayReadData(request: FastifyRequest, edge: HttpEdge): boolean {
  if (edge.joinToken === undefined) return true;
  const token = bearer(request);
  return isSecret(token, edge.joinToken) || isSecret(token, edge.operatorToken);
}

function notFound(request: FastifyRequest, reply: FastifyReply) {
  const sentence = 'There is nothing at this address.';
  if (!request.headers.accept?.includes('text/html')) return missing(reply, sentence);
  return reply.code(404).type('text/html').send(errorPage('Nothing here', sentence));
}

function sendError(edge: HttpEdge, error: unknown, reply: FastifyReply) {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500) return reply.code(status).send({ sentence: 'The coordinator cannot read this request.' });
  edge.onError(error instanceof Error ? error : new Error(String(error)));
  return reply.code(500).send({ sentence: 'The coordinator failed to answer; its log says why.' });
}
