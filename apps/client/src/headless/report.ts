import type { RoundRecord } from '@murmur/core/protocol/run';
import type { VolunteerPhase, VolunteerView } from '@murmur/core/volunteer/view';

/** `failed` is the last word, on stderr. Phases of every round: a line for each of them would say less than the line of the round. */
const ROUTINE: ReadonlySet<VolunteerPhase> = new Set(['idle', 'waiting', 'training', 'exchanging', 'failed']);

export type Event =
  | { readonly event: 'phase'; readonly phase: VolunteerPhase; readonly sentence: string }
  | ({ readonly event: 'round' } & RoundRecord)
  | { readonly event: 'version'; readonly version: string }
  | { readonly event: 'log'; readonly sentence: string };

/** The events between two views. */
export function eventsBetween(before: VolunteerView | undefined, after: VolunteerView): Event[] {
  const { phase, sentence, records } = after;
  const known = new Set(before?.records.map((record) => record.round));
  const rounds = records
    .filter((r) => !known.has(r.round))
    .map((record): Event => ({ event: 'round', ...record }));
  const version: Event[] =
    after.version === undefined || after.version === before?.version
      ? []
      : [{ event: 'version', version: after.version }];
  if (before?.phase === phase) return [...version, ...rounds];
  return [...version, ...rounds, { event: 'phase', phase, sentence }];
}

/** An event as a line for a person; `undefined` where there is nothing to say. */
export function lineOf(event: Event): string | undefined {
  switch (event.event) {
    case 'log':
      return event.sentence;
    case 'version':
      return undefined;
    case 'phase':
      // Buttons that the sentence of a page speaks of are not here.
      if (event.phase === 'left') return 'Left the run. What this machine gave stays in the model.';
      return ROUTINE.has(event.phase) ? undefined : event.sentence;
    case 'round':
      return roundLine(event);
  }
}

function roundLine(record: RoundRecord): string {
  const { round, loss, volunteers, samplesPerSecond, durationMs, reason } = record;
  if (reason !== null) return `Round ${round} changed nothing (${reason}).`;
  const people = `${volunteers} ${volunteers === 1 ? 'volunteer' : 'volunteers'}`;
  const speed = `${samplesPerSecond.toFixed(0)} samples/s`;
  return `Round ${round}: loss ${loss?.toFixed(4) ?? '?'}, ${people}, ${speed}, ${(durationMs / 1000).toFixed(1)} s`;
}
