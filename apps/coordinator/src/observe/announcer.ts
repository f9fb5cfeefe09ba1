import type { IngestReport } from '../ingest/ingestReport.ts';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { dataEvent, roundEvent, scoreEvent, type JsonEvent } from './jsonEvents.ts';
import type { RunObserver } from '../run/options.ts';
import { roundLine, scoreLine, verdictSentence } from './progressLine.ts';

export type ReadyFacts = Omit<Extract<JsonEvent, { event: 'ready' }>, 'event'>;
export type DoneFacts = Parameters<RunObserver['done']>[0];

/** Tells whoever started the command what happens. */
export interface Announcer {
  data(report: IngestReport): void;
  /** `qr` draws the first join address; `resumedAt` is the last round of a run that goes on. */
  ready(facts: ReadyFacts, details: { qr: string; resumedAt: number; started: boolean }): void;
  round(record: RoundRecord): void;
  score(score: ScoreRecord): void;
  noScores(round: number, note: string): void;
  note(sentence: string): void;
  done(facts: DoneFacts, details: { keepsServing: boolean }): void;
  failed(sentence: string): void;
}

type Write = (text: string) => void;

/** JSON events on stdout, what a person must know on stderr. */
export function jsonAnnouncer(stdout: Write, stderr: Write): Announcer {
  const emit = (event: JsonEvent) => stdout(`${JSON.stringify(event)}\n`);
  return {
    data: (report) => {
      emit(dataEvent(report.manifest));
      for (const note of report.notes) stderr(`murmur: ${note}\n`);
    },
    ready: (facts) => emit({ event: 'ready', ...facts }),
    round: (record) => emit(roundEvent(record)),
    score: (score) => emit(scoreEvent(score)),
    noScores: (round, note) => emit({ event: 'score', round, note }),
    note: (sentence) => stderr(`murmur: ${sentence}\n`),
    done: ({ score, ...facts }) =>
      emit({ event: 'done', ...facts, ...(score && { sentence: verdictSentence(score) }) }),
    failed: (sentence) => {
      emit({ event: 'error', sentence });
      stderr(`murmur: ${sentence}\n`);
    },
  };
}

/** Lines for a person. */
export function textAnnouncer(stdout: Write, stderr: Write): Announcer {
  const line = (text: string) => stdout(`${text}\n`);
  return {
    data: (report) => dataLines(report).forEach(line),
    ready: (facts, details) => readyLines(facts, details).forEach(line),
    round: (record) => line(roundLine(record)),
    score: (score) => line(scoreLine(score)),
    noScores: (_, note) => line(note),
    note: (sentence) => stderr(`murmur: ${sentence}\n`),
    done: ({ rounds, export: path, score }, { keepsServing }) => {
      line(`\nDone after ${counted(rounds, 'round')}. The encoder is in ${path}`);
      if (score) line(verdictSentence(score));
      if (keepsServing) line('The pages stay open until you press Ctrl-C.');
    },
    failed: (sentence) => stderr(`murmur: ${sentence}\n`),
  };
}

function dataLines({ manifest, counts, notes, skipped }: IngestReport): string[] {
  const size = `${manifest.side}×${manifest.side}×${manifest.channels}`;
  const missed = skipped.map((s) => `  skipped ${s.name}: ${s.reason}`);
  return [
    `data ${manifest.name} · ${grouped(counts.training)} training and ${grouped(counts.evaluation)} evaluation pictures · ${size} · ` +
      counted(manifest.shards.length, 'shard'),
    ...(counts.skipped > 0 ? [`  ${skippedPictures(counts.skipped)} skipped:`, ...missed] : []),
    ...notes.map((note) => `  ${note}`),
  ];
}

const grouped = (count: number): string => count.toLocaleString('en');
const counted = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;

const skippedPictures = (count: number): string =>
  count === 1 ? '1 unreadable picture was' : `${count} unreadable pictures were`;

function readyLines(
  facts: ReadyFacts,
  details: { qr: string; resumedAt: number; started: boolean },
): string[] {
  const [first, ...others] = facts.urls.join;
  return [
    '',
    `Join      ${first ?? ''}`,
    ...others.map((url) => `          ${url}`),
    `Operate   ${facts.urls.operator}`,
    `Run       ${facts.runDir}${details.resumedAt > 0 ? ` (goes on after round ${details.resumedAt})` : ''}`,
    details.qr,
    ...(details.started ? [] : ['Paused: press start on the operator page.']),
  ];
}
