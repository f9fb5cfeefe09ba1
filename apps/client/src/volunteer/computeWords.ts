/** How a machine computes, in the words of the person who lends it. Pure: an account in, sentences out. */
import type { BackendTrial, ComputeView } from '@murmur/core/volunteer/view';
import { formatPlural } from '../views/format.ts';

export const OUTCOME_WORDS: Record<BackendTrial['outcome'], string> = {
  used: 'in use',
  slower: 'slower',
  refused: 'not used',
  lost: 'failed',
  trying: 'being tried',
  untried: 'not tried',
};

const isGraphics = ({ title }: BackendTrial): boolean => /^web(gl|gpu)/i.test(title);

const trialThat = ({ trials }: ComputeView, outcome: BackendTrial['outcome']): BackendTrial | undefined =>
  trials.find((trial) => trial.outcome === outcome);

export const usesGraphics = (compute: ComputeView): boolean => {
  const used = trialThat(compute, 'used');
  return used !== undefined && isGraphics(used);
};

/** What computes, and by which technique: `Processor`, `relaxed SIMD on 4 cores`. */
export function backendWords(compute: ComputeView): { readonly device: string; readonly technique: string } {
  const used = trialThat(compute, 'used');
  if (used !== undefined && isGraphics(used)) return { device: 'Graphics chip', technique: used.title };
  if (used !== undefined) {
    const cores = compute.workers > 0 ? ` on ${formatPlural(compute.workers, 'core')}` : '';
    return { device: 'Processor', technique: used.title + cores };
  }
  const trying = trialThat(compute, 'trying');
  if (trying !== undefined) return { device: 'Being chosen', technique: `trying ${trying.title}` };
  if (compute.trials.some(({ outcome }) => outcome === 'refused' || outcome === 'lost'))
    return { device: 'Nothing', technique: 'no way to compute works here' };
  return { device: '–', technique: 'not chosen yet' };
}

/** `rests 4 of every 10 seconds`; exact for every step of the control. */
export function throttleWords(throttle: number): string {
  const twentieths = 20 - Math.round(throttle * 20);
  if (twentieths <= 0) return 'never rests';
  return twentieths % 2 === 0
    ? `rests ${twentieths / 2} of every 10 seconds`
    : `rests ${twentieths} of every 20 seconds`;
}

/** What the choice of cores means now. */
export function coresWords(compute: ComputeView): string {
  const { cores, workers, wantedWorkers } = compute;
  if (usesGraphics(compute)) return 'Used only if the graphics chip fails.';
  if (workers > 0 && workers !== wantedWorkers)
    return `${wantedWorkers} from the next round on, ${workers} until then.`;
  if (cores === 1) return 'This computer has no more.';
  const free = cores - wantedWorkers;
  if (free <= 0) return 'All of them: other programs may get slow.';
  return free === 1 ? '1 stays free for other programs.' : `${free} stay free for other programs.`;
}

export type ComputeNotice = ComputeView['notices'][number];

/** Rounds after which a notice is found in the list only. */
const PROMINENT_ROUNDS = 5;

/** The newest notice while it is news, `round` being the one in flight. */
export function prominentNotice({ notices }: ComputeView, round: number): ComputeNotice | undefined {
  const newest = notices.at(-1);
  return newest !== undefined && round - newest.round < PROMINENT_ROUNDS ? newest : undefined;
}

/** `Round 12: …`; what happened before the first round names none. */
export const noticeWords = ({ round, sentence }: ComputeNotice): string =>
  round > 0 ? `Round ${round}: ${sentence}` : sentence;
