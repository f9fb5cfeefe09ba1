/** Machines of every kind, and what may happen to one, for tests and the gallery. */
import type { BackendTrial, ComputeView } from '@murmur/core/volunteer/view';

const WEBGPU_HIDDEN: BackendTrial = {
  title: 'WebGPU',
  outcome: 'refused',
  reason: 'This page came over plain http, where browsers hide WebGPU.',
  samplesPerSecond: undefined,
};

const simd = (outcome: BackendTrial['outcome'], reason: string, samplesPerSecond: number): BackendTrial => ({
  title: 'relaxed SIMD',
  outcome,
  reason,
  samplesPerSecond,
});

const untried = (title: string, reason: string): BackendTrial => ({
  title,
  outcome: 'untried',
  reason,
  samplesPerSecond: undefined,
});

const WEBGL_SLOWER: BackendTrial = {
  title: 'WebGL',
  outcome: 'slower',
  reason: 'Correct, but the processor is faster.',
  samplesPerSecond: 41.3,
};

/** A laptop without a usable graphics chip: the usual case on plain http. */
export const laptopCompute: ComputeView = {
  trials: [
    WEBGPU_HIDDEN,
    WEBGL_SLOWER,
    simd('used', 'Correct, and the fastest here.', 212.4),
    untried('plain SIMD', 'Relaxed SIMD works and does the same work faster.'),
    untried('tfjs wasm', 'A faster way works.'),
  ],
  workers: 4,
  wantedWorkers: 4,
  cores: 8,
  throttle: 1,
  notices: [],
};

export const graphicsCompute: ComputeView = {
  ...laptopCompute,
  trials: [
    { title: 'WebGPU', outcome: 'used', reason: 'Correct, and the fastest here.', samplesPerSecond: 1_870 },
    { ...WEBGL_SLOWER, samplesPerSecond: 640, reason: 'Correct, but WebGPU is faster.' },
    simd('slower', 'Correct, but WebGPU is faster.', 212.4),
  ],
  workers: 1,
  throttle: 0.6,
};

/** A workstation whose person has just granted more cores. */
export const manyCoreCompute: ComputeView = {
  ...laptopCompute,
  workers: 32,
  wantedWorkers: 48,
  cores: 64,
  throttle: 0.95,
};

export const oneCoreCompute: ComputeView = {
  ...laptopCompute,
  workers: 1,
  wantedWorkers: 1,
  cores: 1,
  throttle: 0.1,
};

export const choosingCompute: ComputeView = {
  ...laptopCompute,
  trials: [
    { ...WEBGPU_HIDDEN, reason: 'Its gradient differs from the reference.' },
    { title: 'WebGL', outcome: 'trying', reason: 'Checking its gradient.', samplesPerSecond: undefined },
    untried('relaxed SIMD', 'Comes next.'),
  ],
  workers: 0,
};

const LOST = {
  round: 25,
  sentence: 'WebGL lost its context; that update was dropped. Training goes on with relaxed SIMD.',
};

/** A graphics chip that was lost in the round in flight. */
export const troubledCompute: ComputeView = {
  ...laptopCompute,
  trials: [
    { ...WEBGPU_HIDDEN, reason: 'Its gradient differs from the reference.' },
    {
      title: 'WebGL',
      outcome: 'lost',
      reason: 'It lost its context in round 25. Reload the page to try it again.',
      samplesPerSecond: 344,
    },
    simd('used', 'Correct, and the fastest of those that are left.', 212.4),
  ],
  notices: [
    {
      round: 3,
      sentence:
        'A worker ran out of memory; that update was dropped. Training goes on with 4 workers instead of 6.',
    },
    { round: 17, sentence: 'A step gave a result that is not a number; that update was dropped.' },
    LOST,
  ],
};

/** The same machine ten rounds later. */
export const recoveredCompute: ComputeView = {
  ...troubledCompute,
  notices: troubledCompute.notices.map((notice) => ({ ...notice, round: Math.max(0, notice.round - 10) })),
};

export const brokenCompute: ComputeView = {
  ...laptopCompute,
  trials: [
    WEBGPU_HIDDEN,
    { ...WEBGL_SLOWER, outcome: 'refused', reason: 'It returned zeros.', samplesPerSecond: undefined },
    {
      title: 'relaxed SIMD',
      outcome: 'refused',
      reason: 'This browser forbids WebAssembly.',
      samplesPerSecond: undefined,
    },
    {
      title: 'plain JavaScript',
      outcome: 'lost',
      reason: 'It ran out of memory.',
      samplesPerSecond: undefined,
    },
  ],
  workers: 0,
  notices: [{ round: 0, sentence: 'Plain JavaScript ran out of memory while the model was built.' }],
};
