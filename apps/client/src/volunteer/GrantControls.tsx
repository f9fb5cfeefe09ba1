import type { ComputeView } from '@murmur/core/volunteer/view';
import { formatShare } from '../views/format.ts';
import { Slider } from '../views/Slider.tsx';
import { coresWords, throttleWords } from './computeWords.ts';
import { LEAST_PERCENT, PERCENT_STEP } from './grant.ts';

export interface GrantHandlers {
  /** 0.1 to 1 */
  readonly onThrottle: (share: number) => void;
  readonly onWorkers: (count: number) => void;
}

export const throttleShare = (throttle: number): string => formatShare(throttle, 0);
export const coresShare = ({ wantedWorkers, cores }: ComputeView): string => `${wantedWorkers} of ${cores}`;

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** How much of this machine is given: the share of its time, and of its cores. */
export function GrantControls({
  compute,
  onThrottle,
  onWorkers,
}: GrantHandlers & { readonly compute: ComputeView }) {
  return (
    <div class="grant">
      <Slider
        id="throttle"
        label="How much to give"
        min={LEAST_PERCENT}
        max={100}
        step={PERCENT_STEP}
        value={Math.round(compute.throttle * 100)}
        words={throttleShare(compute.throttle)}
        meaning={`${capital(throttleWords(compute.throttle))}.`}
        onInput={(percent) => onThrottle(percent / 100)}
      />
      <Slider
        id="cores"
        label="Processor cores"
        min={1}
        max={compute.cores}
        step={1}
        value={compute.wantedWorkers}
        words={coresShare(compute)}
        meaning={coresWords(compute)}
        onInput={onWorkers}
      />
    </div>
  );
}
