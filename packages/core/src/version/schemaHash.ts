import { sha256Hex } from '../hash/sha256.ts';
import { schemaText, type ParamSchema } from '../tensor/params.ts';

/** Tells two models apart (LK4): SHA-256 of the schema's canonical text; parameter names are ASCII. */
export const schemaHash = (schema: ParamSchema): string =>
  sha256Hex(Uint8Array.from(schemaText(schema), (c) => c.charCodeAt(0)));
