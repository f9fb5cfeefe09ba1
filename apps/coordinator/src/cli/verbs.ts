import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { IngestOptions } from '../ingest/ingest.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import type { Announcer } from '../observe/announcer.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { dataEvent } from '../observe/jsonEvents.ts';
import { isLocked } from '../store/lock.ts';
import type { RunStore } from '../store/runStore.ts';
import { examine, findingLine } from './doctor.ts';
import { EXIT, usageFailure } from './failure.ts';
import { findRuns, oneRun } from './findRuns.ts';
import type { ExportFlags, ShardFlags, StatusFlags } from './program.ts';
import { runFiles } from './runDir.ts';
import { fromText, type Setting } from './setting.ts';
import { SETTINGS } from './settings.ts';
import { statusLines } from './statusLines.ts';

/** What the verbs besides `serve` need. Each resolves to an exit code or throws a sentence. */
export interface VerbParts {
  readonly cwd: string;
  readonly clientDir: string;
  readonly print: (line: string) => void;
  readonly announcer: Announcer;
  readonly ingestReporter: () => IngestReporter;
  ingest(options: IngestOptions): Promise<IngestReport>;
  openStore(path: string): Promise<RunStore>;
  exportStored(dir: string, outDir: string): Promise<string>;
  join(args: readonly string[]): ChildProcess;
}

export async function shard(parts: VerbParts, source: string, flags: ShardFlags): Promise<number> {
  const reporter = parts.ingestReporter();
  const size = optional('imageSize', '--image-size', flags.imageSize);
  const patch = optional('patch', '--patch', flags.patch);
  try {
    const report = await parts.ingest({
      source: source === 'glyphs' ? source : resolve(parts.cwd, source),
      outDir: resolve(parts.cwd, flags.out),
      seed: Number(optional('seed', '--seed', flags.seed)),
      ...(size === undefined ? {} : { imageSize: size }),
      ...(patch === undefined ? {} : { patch }),
      onProgress: (progress) => reporter.update(progress),
    });
    reporter.stop();
    if (flags.json) parts.print(JSON.stringify(dataEvent(report.manifest)));
    else parts.announcer.data(report);
    return EXIT.success;
  } finally {
    reporter.stop();
  }
}

function optional(
  name: 'imageSize' | 'patch' | 'seed' | 'port',
  flag: string,
  given: string | undefined,
): number | undefined {
  if (given === undefined) return undefined;
  const setting: Setting<number | undefined> = SETTINGS[name];
  const parsed = setting.schema.safeParse(fromText(setting, given));
  if (parsed.success) return parsed.data;
  throw usageFailure(`${flag} must be ${setting.expected}, not "${given}".`);
}

export async function exportRun(parts: VerbParts, flags: ExportFlags): Promise<number> {
  const dir = await oneRun(flags.runDir, parts.cwd);
  const outDir = flags.out === undefined ? runFiles.export(dir) : resolve(parts.cwd, flags.out);
  parts.print(await parts.exportStored(dir, outDir));
  return EXIT.success;
}

export async function status(parts: VerbParts, flags: StatusFlags): Promise<number> {
  const dirs =
    flags.runDir === undefined ? await findRuns(parts.cwd) : [await oneRun(flags.runDir, parts.cwd)];
  if (dirs.length === 0 && !flags.json)
    parts.print('There are no runs in this folder yet: "murmur" starts one.');
  for (const dir of dirs) {
    const store = await parts.openStore(runFiles.store(dir));
    const stored = await store.load().finally(() => store.close());
    if (!stored) continue;
    const live = await isLocked(dir);
    if (flags.json)
      parts.print(JSON.stringify({ dir, live, ...stored.head, score: stored.scores.at(-1) ?? null }));
    else statusLines(dir, stored, live).forEach(parts.print);
  }
  return EXIT.success;
}

export async function doctor(parts: VerbParts, flags: Readonly<Record<string, unknown>>): Promise<number> {
  const findings = await examine({
    data: String(flags['data']),
    port: Number(optional('port', '--port', String(flags['port']))),
    cwd: parts.cwd,
    clientDir: parts.clientDir,
    nodeVersion: process.versions.node,
  });
  findings.map(findingLine).forEach(parts.print);
  return findings.every((finding) => finding.ok) ? EXIT.success : EXIT.failure;
}

/** Ends when the volunteer does, with its exit code. */
export function join(parts: VerbParts, args: readonly string[]): Promise<number> {
  const child = parts.join(args);
  return new Promise((resolveCode, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolveCode(code ?? (signal ? EXIT.interrupted : EXIT.failure)));
  });
}
