import type { RoundRecord } from '../protocol/run.ts';
import type { Life } from './lifeState.ts';
import type { LinkState } from './mesh.ts';
import type { ComputeView, Preview, VolunteerPhase, VolunteerView } from './view.ts';

/** What the driver counts beside the life's own state. */
export interface Tally {
  readonly name: string;
  readonly step: number;
  readonly samples: number;
  readonly samplesPerSecond: number;
  readonly contributedRounds: number;
  readonly records: readonly RoundRecord[];
  readonly preview: Preview | undefined;
  readonly compute: ComputeView;
}

/** The phase that a person sees. */
export function phaseOf(life: Life): VolunteerPhase {
  if (life.refusal !== undefined || life.engine.kind === 'failed') return 'failed';
  if (life.wish === 'leave') return life.identity ? 'left' : 'idle';
  if (life.connection !== 'online' || !life.run) return 'connecting';
  if (life.wish === 'pause') return life.round ? 'exchanging' : 'paused';
  if (life.engine.kind !== 'ready') return 'preparing';
  if (life.round)
    return life.round.phase === 'training' || life.round.phase === 'syncing' ? 'training' : 'exchanging';
  if (life.status?.phase === 'finished') return 'finished';
  return life.version === undefined ? 'preparing' : 'waiting';
}

function waitingSentence({ status, roster }: Life): string {
  if (status?.phase === 'paused')
    return 'The operator has not started the run, or has paused it. Your computer joins the next round by itself.';
  const ready = roster.filter((v) => v.state === 'waiting').length;
  const missing = (status?.quorum ?? 0) - ready;
  if (status?.phase !== 'waiting' || missing <= 0) return 'The next round is about to begin.';
  return `${missing} more ${missing === 1 ? 'volunteer is' : 'volunteers are'} needed before the round begins: ${ready} of ${status.quorum} are ready.`;
}

/** One sentence on what is happening, or what went wrong and what to do. */
export function sentenceOf(life: Life): string {
  switch (phaseOf(life)) {
    case 'idle':
      return 'Press Join and this computer starts to train with the others.';
    case 'connecting':
      if (life.turnedAway !== undefined) return `${life.turnedAway} Trying again by itself.`;
      return life.identity
        ? 'The connection to the coordinator is lost. Trying again by itself.'
        : 'Connecting to the coordinator.';
    case 'preparing':
      return 'Fetching the newest model.';
    case 'waiting':
      return waitingSentence(life);
    case 'training':
      return life.round?.phase === 'syncing'
        ? 'Fetching the version that this round starts from.'
        : 'Training on pictures of this data set.';
    case 'exchanging':
      return 'Exchanging what was learned with the others.';
    case 'paused':
      return 'Paused: this computer does nothing for the run. Press Resume to go on.';
    case 'finished':
      return 'The run has reached its target. Thank you: what everybody gave is in the model.';
    case 'left':
      return 'You have left the run. What you gave stays in the model. Press Join to come back.';
    case 'failed':
      return (
        life.refusal ??
        (life.engine.kind === 'failed' ? life.engine.sentence : 'Something went wrong. Reload the page.')
      );
  }
}

/** Everything that a page or a terminal shows. */
export function viewOf(
  life: Life,
  tally: Tally,
  mesh: { state(peer: string): LinkState; traffic(): { mesh: number; relay: number } },
): VolunteerView {
  const self = life.identity?.peer;
  const traffic = mesh.traffic();
  return {
    phase: phaseOf(life),
    sentence: sentenceOf(life),
    name: tally.name,
    device: life.engine.kind === 'ready' ? life.engine.device : '',
    compute: tally.compute,
    run: life.run,
    status: life.status,
    version: life.version,
    round: life.round?.manifest.round ?? life.status?.round ?? 0,
    step: tally.step,
    maxSteps: life.round?.manifest.maxSteps ?? 0,
    samples: tally.samples,
    samplesPerSecond: tally.samplesPerSecond,
    contributedRounds: tally.contributedRounds,
    records: tally.records,
    peers: life.roster.map((entry) => ({
      ...entry,
      self: entry.peer === self,
      link: entry.peer === self ? 'self' : mesh.state(entry.peer),
    })),
    others: life.others,
    meshBytes: traffic.mesh,
    relayBytes: traffic.relay,
    preview: tally.preview,
  };
}
