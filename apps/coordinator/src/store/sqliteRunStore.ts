import { pathToFileURL } from 'node:url';
import { createClient, type Client, type InStatement, type Row } from '@libsql/client';
import { ban, scoreRecord } from '@murmur/core/protocol/operator';
import { roundRecord, runPhase } from '@murmur/core/protocol/run';
import { HAS_RUN, NO_RUN, repeatedRound, type RunHead, type RunStore, type StoredRun } from './runStore.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = [
  `CREATE TABLE run (
     id INTEGER PRIMARY KEY CHECK (id = 1), config TEXT NOT NULL, run TEXT NOT NULL, round INTEGER NOT NULL,
     version TEXT NOT NULL, samples_done INTEGER NOT NULL, trained_ms REAL NOT NULL, phase TEXT NOT NULL,
     leases TEXT NOT NULL)`,
  'CREATE TABLE rounds (round INTEGER PRIMARY KEY, record TEXT NOT NULL)',
  'CREATE TABLE scores (round INTEGER PRIMARY KEY, score TEXT NOT NULL)',
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
];

/** Later than the other tables: a store of an earlier start gets it when it is opened. */
const BANS = 'CREATE TABLE IF NOT EXISTS bans (peer TEXT PRIMARY KEY, ban TEXT NOT NULL)';

const INSERT_RUN = 'INSERT INTO run VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)';
const UPDATE_HEAD = `UPDATE run SET run = ?, round = ?, version = ?, samples_done = ?, trained_ms = ?, phase = ?,
  leases = ? WHERE id = 1`;

/**
 * Opens the SQLite file at `path`, made when missing. Write-ahead log, so that a kill at any moment leaves the last
 * transaction whole. Rejects with a sentence when the file is no run store or one of another version.
 */
export async function sqliteRunStore(path: string): Promise<RunStore> {
  const client = createClient({ url: pathToFileURL(path).href });
  try {
    await prepare(client, path);
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    load: () => load(client),
    create: (config, head, leases) => create(client, config, head, leases),
    async commit(head, record, leases) {
      await requireRun(client);
      await client
        .batch(
          [
            { sql: UPDATE_HEAD, args: [...headColumns(head), JSON.stringify(leases)] },
            { sql: 'INSERT INTO rounds VALUES (?, ?)', args: [record.round, JSON.stringify(record)] },
          ],
          'write',
        )
        .catch((error: unknown) => {
          throw isConstraint(error) ? new Error(repeatedRound(record.round)) : error;
        });
    },
    async amend(head, record) {
      await requireRun(client);
      const [run, round, version, samples, trainedMs, phase] = headColumns(head);
      await client.batch(
        [
          {
            sql: 'UPDATE run SET run = ?, round = ?, version = ?, samples_done = ?, trained_ms = ?, phase = ? WHERE id = 1',
            args: [run, round, version, samples, trainedMs, phase].map((value) => value ?? null),
          },
          {
            sql: 'UPDATE rounds SET record = ? WHERE round = ?',
            args: [JSON.stringify(record), record.round],
          },
        ],
        'write',
      );
    },
    setPhase: (phase) => writeToRun(client, { sql: 'UPDATE run SET phase = ? WHERE id = 1', args: [phase] }),
    addScore: (score) =>
      writeToRun(client, {
        sql: 'INSERT OR REPLACE INTO scores VALUES (?, ?)',
        args: [score.round, JSON.stringify(score)],
      }),
    addBan: (banned) =>
      writeToRun(client, {
        sql: 'INSERT OR REPLACE INTO bans VALUES (?, ?)',
        args: [banned.peer, JSON.stringify(banned)],
      }),
    liftBan: (peer) => writeToRun(client, { sql: 'DELETE FROM bans WHERE peer = ?', args: [peer] }),
    close: async () => client.close(),
  };
}

async function prepare(client: Client, path: string): Promise<void> {
  const version = await client.execute('PRAGMA user_version').catch(() => {
    throw new Error(`${path} is not a run store of murmur: move it away, or start over with --fresh.`);
  });
  const found = Number(version.rows[0]?.['user_version']);
  if (found !== 0 && found !== SCHEMA_VERSION) {
    throw new Error(
      `${path} was written by another version of murmur (store ${found}, expected ${SCHEMA_VERSION}): ` +
        'use that version, or start over with --fresh.',
    );
  }
  await client.execute('PRAGMA journal_mode = WAL');
  if (found === 0) await client.batch(SCHEMA, 'write');
  await client.execute(BANS);
}

async function create(client: Client, config: unknown, head: RunHead, leases: unknown): Promise<void> {
  if (await hasRun(client)) throw new Error(HAS_RUN);
  const args = [JSON.stringify(config), ...headColumns(head), JSON.stringify(leases)];
  await client.batch([{ sql: INSERT_RUN, args }], 'write');
}

async function load(client: Client): Promise<StoredRun | undefined> {
  const [run, rounds, scores, bans] = await client.batch(
    [
      'SELECT * FROM run',
      'SELECT record FROM rounds ORDER BY round',
      'SELECT score FROM scores ORDER BY round',
      'SELECT ban FROM bans',
    ],
    'read',
  );
  const row = run?.rows[0];
  if (!row || !rounds || !scores || !bans) return undefined;
  return {
    config: JSON.parse(String(row['config'])),
    head: headOf(row),
    leases: JSON.parse(String(row['leases'])),
    records: rounds.rows.map((r) => roundRecord.parse(JSON.parse(String(r['record'])))),
    scores: scores.rows.map((r) => scoreRecord.parse(JSON.parse(String(r['score'])))),
    bans: bans.rows.map((r) => ban.parse(JSON.parse(String(r['ban'])))),
  };
}

const headColumns = (head: RunHead): (string | number)[] => [
  head.run,
  head.round,
  head.version,
  head.samplesDone,
  head.trainedMs,
  head.phase,
];

const headOf = (row: Row): RunHead => ({
  run: String(row['run']),
  round: Number(row['round']),
  version: String(row['version']),
  samplesDone: Number(row['samples_done']),
  trainedMs: Number(row['trained_ms']),
  phase: runPhase.parse(row['phase']),
});

const hasRun = async (client: Client): Promise<boolean> =>
  (await client.execute('SELECT 1 FROM run')).rows.length > 0;

async function requireRun(client: Client): Promise<void> {
  if (!(await hasRun(client))) throw new Error(NO_RUN);
}

async function writeToRun(client: Client, statement: InStatement): Promise<void> {
  await requireRun(client);
  await client.batch([statement], 'write');
}

const isConstraint = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('SQLITE_CONSTRAINT');
