import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mapBlob, picturesBlob } from '../run/maps.ts';
import type { BlobStore } from '../store/blobStore.ts';
import type { EdgeCounts } from './edgeCounts.ts';
import { PRIVATE_IMMUTABLE } from './headers.ts';
import { badRequest, bearer, missing, unauthorised } from './replies.ts';
import { isSecret } from './secret.ts';

export interface MapEdge {
  /** The embedding maps and their pictures. */
  readonly maps: BlobStore;
  readonly operatorToken: string;
  readonly counts: EdgeCounts;
}

const HASH = /^[0-9a-f]{64}$/;
const WRONG_TOKEN = 'The map is for the operator: ask with the operator token, as "Authorization: Bearer …".';

/** The embedding map's files, for the operator only: the pictures are of the evaluation set, which nobody trains on. */
export function addMap(app: FastifyInstance, edge: MapEdge): void {
  const send = async (request: FastifyRequest, reply: FastifyReply, name: () => string | undefined) => {
    if (!isSecret(bearer(request), edge.operatorToken)) {
      edge.counts.badTokens++;
      return unauthorised(reply, WRONG_TOKEN);
    }
    const asked = name();
    if (asked === undefined) return badRequest(reply, 'A part of the map is asked for by 64 hex digits.');
    const bytes = await edge.maps.get(asked);
    if (!bytes) return missing(reply, 'This part of the map is not kept: the newest snapshot says what is.');
    return reply
      .headers({ 'cache-control': PRIVATE_IMMUTABLE, vary: 'authorization' })
      .type('application/octet-stream')
      .send(bytes);
  };
  const named = (blob: (hash: string) => string, hash: string) => () =>
    HASH.test(hash) ? blob(hash) : undefined;
  app.get<{ Params: { hash: string } }>('/operator/map/pictures/:hash', (request, reply) =>
    send(request, reply, named(picturesBlob, request.params.hash)),
  );
  app.get<{ Params: { version: string } }>('/operator/map/:version', (request, reply) =>
    send(request, reply, named(mapBlob, request.params.version)),
  );
}
