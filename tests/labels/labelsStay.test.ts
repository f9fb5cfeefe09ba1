import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun } from '@murmur/coordinator/cli/openRun';
import { openDataset } from '@murmur/coordinator/ingest/dataset';
import { ingest } from '@murmur/coordinator/ingest/ingest';
import { writeFiles } from '@murmur/coordinator/ingest/testSources';
import { decodeShard, encodeShard } from '@murmur/core/data/shard';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServeParts } from '@murmur/coordinator/cli/serve';
import { recordRun, type RecordedRun } from './recordRun.ts';
import { sourcePairs, type SourcePair } from './sourcePairs.ts';
import { differences, mentions, type Transcript } from './transcript.ts';
import { withoutScores } from './withoutScores.ts';

/*
 * Non-interference (Goguen and Meseguer 1982): two runs that differ in their labels alone send the same bytes. Names and
 * addresses are injected where there is a port for it and aliased where there is none (recordRun.ts); clocks stand still.
 */
const MINUTES = 60_000;
let root: string;
let clientDir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'murmur-labels-'));
  // Built pages are files that know of no run; these stand for them.
  clientDir = await writeFiles(join(root, 'pages'), {
    'index.html': '<title>join</title>',
    'operator.html': '<title>operate</title>',
    'assets/main.js': 'export {}',
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Both runs of a pair, one after the other. */
async function recordBoth(
  pair: SourcePair,
  over: Partial<ServeParts> = {},
): Promise<[RecordedRun, RecordedRun]> {
  const folder = await mkdtemp(join(root, 'pair-'));
  const [one, other] = await pair.write(folder);
  const record = async (data: string, name: string) => {
    await mkdir(join(folder, name));
    return recordRun({ data, dir: join(folder, name), clientDir, over });
  };
  return [await record(one, 'a'), await record(other, 'b')];
}

const sentTo = (who: string, { transcript }: RecordedRun): string[] =>
  [...transcript.keys()].filter((name) => name.startsWith(who));

/** The shard files that were given out. */
const shardFiles = ({ transcript, manifest }: RecordedRun) =>
  manifest.shards.map((shard) => ({
    shard,
    file:
      transcript.get(`volunteer, /shards/${shard.hash}`) ?? transcript.get(`anybody, /shards/${shard.hash}`),
  }));

function expectPixelsOnly(run: RecordedRun): void {
  const { side, channels } = run.manifest;
  for (const { shard, file } of shardFiles(run)) {
    const decoded = decodeShard(file ?? new Uint8Array(0), { ...shard, side, channels });
    if (!decoded.ok) throw new Error(decoded.sentence);
    expect(Object.keys(decoded.shard).sort()).toEqual(['channels', 'count', 'pixels', 'side']);
    expect(Buffer.from(encodeShard(decoded.shard)).equals(file ?? Buffer.of())).toBe(true);
  }
}

describe.each(sourcePairs)('$format', (pair) => {
  let runs: [RecordedRun, RecordedRun];
  beforeAll(async () => void (runs = await recordBoth(pair)), 5 * MINUTES);

  test('SH3: whatever the labels, volunteers, operators and passers-by are sent the same bytes, scores aside', () => {
    const [one, other] = runs.map(({ transcript }) => withoutScores(transcript)) as [Transcript, Transcript];
    expect(differences(one, other)).toEqual([]);
    // A comparison of next to nothing would prove nothing.
    expect(sentTo('volunteer, socket', runs[0]).length).toBeGreaterThan(15);
    expect(sentTo('volunteer, /versions', runs[0]).length).toBeGreaterThan(0);
    expect(sentTo('volunteer, /shards', runs[0]).length).toBeGreaterThan(0);
    expect(sentTo('operator, socket', runs[0]).length).toBeGreaterThan(4);
    expect(mentions(runs[0].transcript, ['"scores":[{'])).not.toEqual([]);
  });

  // IDX files have no names of classes.
  if (pair.classNames.length > 0)
    test('SH3: no class name is in anything that is sent, scores included', () => {
      for (const { transcript } of runs) expect(mentions(transcript, pair.classNames)).toEqual([]);
    });

  test('SH3: the shards are their pixels, byte for byte, and nothing besides', () => {
    expect(runs[0].manifest.classCount).toBeUndefined();
    runs.forEach(expectPixelsOnly);
  });
});

describe('a planted leak is found', () => {
  const [cifar] = sourcePairs as [SourcePair];

  test('class names as the name of the data set, in a whole run', { timeout: 5 * MINUTES }, async () => {
    const leaking: ServeParts['openRun'] = async (request) => {
      const classes = (await request.dataset.evaluation())?.classes ?? [];
      const manifest = { ...request.report.manifest, name: classes.join(' ') };
      return openRun({ ...request, report: { ...request.report, manifest } });
    };
    const [one, other] = await recordBoth(cifar, { openRun: leaking });
    const found = differences(withoutScores(one.transcript), withoutScores(other.transcript));
    expect(found.some((sentence) => /^volunteer, socket.*quagga-class.*walrus-class/.test(sentence))).toBe(
      true,
    );
    expect(found.some((sentence) => /^operator, socket/.test(sentence))).toBe(true);
    expect(mentions(one.transcript, cifar.classNames)).toContain(
      'anybody, /api/run holds the word quagga-class',
    );
  });

  test('labels in the shards', async () => {
    const folder = await mkdtemp(join(root, 'shards-'));
    const sources = await cifar.write(folder);
    const shardsOf = async (source: string, withLabels: boolean): Promise<Transcript> => {
      const outDir = await mkdtemp(join(folder, 'out-'));
      const { manifest } = await ingest({ source, outDir, seed: 1, withLabels });
      const { shardPath } = await openDataset(outDir);
      const files = manifest.shards.map(({ hash }) => readFile(shardPath(hash) as string));
      return new Map((await Promise.all(files)).map((file, i) => [`shard ${i}`, file]));
    };
    const compared = async (withLabels: boolean): Promise<string[]> =>
      differences(await shardsOf(sources[0], withLabels), await shardsOf(sources[1], withLabels));
    expect(await compared(true)).toEqual([expect.stringContaining('shard 0 differs')]);
    expect(await compared(false)).toEqual([]);
  });
});
