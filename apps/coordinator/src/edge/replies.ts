import type { FastifyReply, FastifyRequest } from 'fastify';
import { IMMUTABLE } from './headers.ts';

/** The token that a request shows, if any. */
export const bearer = (request: FastifyRequest): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];

export const uncached = (reply: FastifyReply) => reply.header('cache-control', 'no-store');
export const immutable = (reply: FastifyReply) =>
  reply.header('cache-control', IMMUTABLE).type('application/octet-stream');
export const badRequest = (reply: FastifyReply, sentence: string) =>
  uncached(reply).code(400).send({ sentence });
export const missing = (reply: FastifyReply, sentence: string) =>
  uncached(reply).code(404).send({ sentence });
export const unauthorised = (reply: FastifyReply, sentence: string) =>
  uncached(reply).code(401).header('www-authenticate', 'Bearer').send({ sentence });
