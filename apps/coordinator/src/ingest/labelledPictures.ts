import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseShape } from './chooseShape.ts';
import { chooseRows } from './chooseRows.ts';
import { detect } from './detect.ts';
import type { IngestProgress } from './ingest.ts';
import { InputError, counted, naming } from './inputError.ts';
import { openSource } from './openSource.ts';
import { readPictures } from './readPictures.ts';
import type { Source, Split } from './source.ts';
import { loadSpool } from './spool.ts';

/** Pictures with labels: the first `testCount` are asked about, the rest are the labelled bank. */
export interface LabelledPictures {
  /** uint8 [count, side, side, C]. */
  readonly pictures: Uint8Array;
  readonly labels: Uint16Array;
  readonly testCount: number;
  readonly classes: number;
}

/** With what a person should know about where they come from. */
export interface ReadLabelled extends LabelledPictures {
  readonly notes: readonly string[];
}

export interface LabelledRequest {
  /** A folder, a file or the word "glyphs". */
  readonly source: string;
  /** What the encoder takes. */
  readonly picture: { readonly side: number; readonly channels: number; readonly patch: number };
  /** Pictures at most in the labelled bank, and to ask about. */
  readonly labels: number;
  readonly tests: number;
  readonly seed: number;
  /** The thread that evaluates holds them in memory, as does this one. */
  readonly maxBytes?: number;
  readonly onProgress?: (progress: IngestProgress) => void;
}

const MAX_BYTES = 2 ** 30;

/**
 * Reads a seeded choice of labelled pictures: the bank from the source's training split, those asked about from its test split,
 * or both from what there is. Each is brought to the encoder's shape as ingest does it. Throws InputError.
 */
export function readLabelled(request: LabelledRequest): Promise<ReadLabelled> {
  const { source: name, onProgress } = request;
  return naming(name, async () => {
    const source = await openSource(await detect(name), (done) => onProgress?.({ phase: 'look', done }));
    checkSource(source, request);
    const { part, notes } = await chooseRows(source, request);
    return { ...(await readParts(source, part, request)), notes };
  });
}

function checkSource(
  { classes = [], extent }: Source,
  { source, picture, labels, tests, maxBytes = MAX_BYTES }: LabelledRequest,
): void {
  if (classes.length < 2) {
    throw new InputError(
      `${source} has no labels of two or more classes, and without labels nothing can be scored: name class folders, ` +
        'or pictures with a label file beside them.',
    );
  }
  if (extent.channels !== picture.channels) {
    throw new InputError(
      `The pictures of ${source} have ${counted(extent.channels, 'channel')}, and this encoder takes ${picture.channels}: ` +
        `choose ${picture.channels === 1 ? 'grey' : 'colour'} pictures, or another encoder.`,
    );
  }
  const most = Math.floor(maxBytes / (picture.side ** 2 * picture.channels));
  if (Math.min(labels + tests, extent.count) <= most) return;
  throw new InputError(
    `${labels} labelled and ${tests} test pictures of ${picture.side}x${picture.side} do not fit in memory: ` +
      `give --labels and --tests of at most ${most} together.`,
  );
}

async function readParts(
  source: Source,
  part: readonly (Split | undefined)[],
  { source: name, picture, onProgress }: LabelledRequest,
): Promise<LabelledPictures> {
  const { side, patch } = picture;
  const { patch: _, ...shape } = chooseShape(source.extent, { imageSize: side, patch });
  const folder = await mkdtemp(join(tmpdir(), 'murmur-evaluate-'));
  const total = part.filter((chosen) => chosen !== undefined).length;
  let done = 0;
  const onPicture = () => onProgress?.({ phase: 'read', done: ++done, total });
  try {
    const { spools } = await readPictures(chosenOf(source, part), { shape, folder, name, onPicture });
    const [test, train] = [await loadSpool(spools.test), await loadSpool(spools.train)];
    return {
      pictures: Buffer.concat([test.pictures, train.pictures]),
      labels: Uint16Array.from([...test.labels, ...train.labels]),
      testCount: spools.test.count,
      classes: source.classes?.length ?? 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The source without the pictures that were not chosen; a split is what each is for. */
const chosenOf = (source: Source, part: readonly (Split | undefined)[]): Source => ({
  ...source,
  pictures: async function* () {
    let row = 0;
    for await (const picture of source.pictures()) {
      const split = part[row++];
      if (split !== undefined) yield { ...picture, split };
    }
  },
});
