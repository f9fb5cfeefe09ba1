/** Opens an exported `encoder/` folder again, in a page or in Node: the road back from Hugging Face's format. */
import type { EncoderSpec } from '../models/modelSpec.ts';
import { encoderSchema } from '../models/parameters.ts';
import { encodePictures } from '../objectives/encodePictures.ts';
import { startBackend, type BackendChoice } from '../tensor/backend.ts';
import { readEncoder } from './readEncoder.ts';

export interface OpenEncoder {
  readonly width: number;
  readonly spec: EncoderSpec;
  /** Pictures uint8 `[count, side, side, C]` → `[count, width]`, the mean of the patch tokens. */
  encode(pictures: Uint8Array, count: number): Float32Array;
}

/**
 * `read` gives the bytes of a file of the folder. Starts the tensor backend of this thread.
 * Throws a sentence naming the file that is not what it should be.
 */
export async function openEncoder(
  read: (file: string) => Promise<ArrayBuffer | Uint8Array>,
  backend: BackendChoice = {},
): Promise<OpenEncoder> {
  const { spec, params } = await readEncoder(read);
  const schema = encoderSchema(spec.config);
  await startBackend(backend);
  return {
    width: spec.config.hiddenSize,
    spec,
    encode: (pictures, count) => encodePictures(spec, { schema, params, pictures, count }),
  };
}
