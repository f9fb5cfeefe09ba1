import { scoreRecord } from '@murmur/core/protocol/operator';
import { z } from 'zod';
import type { Transcript } from './transcript.ts';

/** How socket.io sends an event of the operator's channel. */
const EVENT = '42/operator,';
/** Strict: a score that held more than shares would not pass as one, and would be compared. */
const snapshot = z.looseObject({ scores: z.array(scoreRecord.strict()) });
const snapshotEvent = z.tuple([z.literal('snapshot'), snapshot]);

/** The same, with no scores in the operator's snapshots: they measure labels, and are the only thing that may depend on them. */
export const withoutScores = (transcript: Transcript): Transcript =>
  new Map([...transcript].map(([name, bytes]) => [name, emptied(bytes)]));

function emptied(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString();
  if (!text.startsWith(EVENT)) return bytes;
  const event = snapshotEvent.safeParse(JSON.parse(text.slice(EVENT.length)));
  if (!event.success) return bytes;
  const [name, facts] = event.data;
  return Buffer.from(EVENT + JSON.stringify([name, { ...facts, scores: [] }]));
}
