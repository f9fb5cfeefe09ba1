import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from './atomicFile.ts';
import { InputError } from './inputError.ts';
import { recordLabel, recordPixels } from './spool.ts';

/** Pictures that only the evaluator sees, and their labels where there are any. */
export interface EvaluationSet {
  /** uint8 [count, side, side, channels]. */
  readonly pictures: Uint8Array;
  /** Indices into classes, [count]. */
  readonly labels?: Uint16Array;
  readonly count: number;
  readonly side: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  readonly origin: EvaluationOrigin;
}

export type EvaluationOrigin = 'test split' | 'held-out tenth';

const evaluationFile = z.object({
  count: z.number().int().positive(),
  side: z.number().int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  classes: z.array(z.string()),
  labelled: z.boolean(),
  origin: z.enum(['test split', 'held-out tenth']),
});

export interface EvaluationPlan {
  readonly folder: string;
  readonly side: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  readonly origin: EvaluationOrigin;
}

/**
 * Writes the first `count` shuffled records as an evaluation set: pictures.bin, labels.bin (uint16 little-endian,
 * only when every picture has a label) and evaluation.json. Returns whether it is labelled.
 */
export async function writeEvaluation(
  records: AsyncIterator<Uint8Array>,
  count: number,
  plan: EvaluationPlan,
): Promise<boolean> {
  const { folder, ...facts } = plan;
  await mkdir(folder, { recursive: true });
  const labels = Buffer.alloc(2 * count);
  let labelled = facts.classes.length > 0;
  const file = await open(join(folder, 'pictures.bin'), 'w');
  try {
    for (let i = 0; i < count; i++) {
      const { value } = await records.next();
      if (value === undefined) throw new Error(`writeEvaluation: ${count} records announced, ${i} received`);
      const label = recordLabel(value);
      labelled &&= label !== undefined;
      labels.writeUInt16LE(label ?? 0, 2 * i);
      await file.appendFile(recordPixels(value));
    }
  } finally {
    await file.close();
  }
  if (labelled) await writeFile(join(folder, 'labels.bin'), labels);
  const description = { ...facts, classes: labelled ? facts.classes : [], count, labelled };
  await writeAtomically(join(folder, 'evaluation.json'), JSON.stringify(description, null, 2));
  return labelled;
}

function readLabels(bytes: Uint8Array, count: number, path: string): Uint16Array {
  if (bytes.length !== 2 * count) throw damaged(path, `${bytes.length} bytes instead of ${2 * count}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true));
}

const damaged = (path: string, found: string): InputError =>
  new InputError(
    `${path} is damaged (${found}): delete the data folder and start again, so that it is made anew.`,
  );

/** Reads what writeEvaluation wrote. Throws InputError when it is damaged. */
export async function readEvaluation(folder: string): Promise<EvaluationSet> {
  const parsed = evaluationFile.safeParse(
    JSON.parse(await readFile(join(folder, 'evaluation.json'), 'utf8')),
  );
  if (!parsed.success) throw damaged(join(folder, 'evaluation.json'), z.prettifyError(parsed.error));
  const { labelled, ...facts } = parsed.data;
  const pictures = new Uint8Array(await readFile(join(folder, 'pictures.bin')));
  const expected = facts.count * facts.side * facts.side * facts.channels;
  if (pictures.length !== expected) {
    throw damaged(join(folder, 'pictures.bin'), `${pictures.length} bytes instead of ${expected}`);
  }
  const path = join(folder, 'labels.bin');
  return {
    ...facts,
    pictures,
    ...(labelled ? { labels: readLabels(await readFile(path), facts.count, path) } : {}),
  };
}
