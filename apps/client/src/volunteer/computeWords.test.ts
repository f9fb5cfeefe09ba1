import { NO_COMPUTE, type BackendTrial, type ComputeView } from '@murmur/core/volunteer/view';
import { describe, expect, it } from 'vitest';
import {
  backendWords,
  coresWords,
  noticeWords,
  prominentNotice,
  throttleWords,
  usesGraphics,
} from './computeWords.ts';

const trial = (title: string, outcome: BackendTrial['outcome']): BackendTrial => ({
  title,
  outcome,
  reason: '',
  samplesPerSecond: undefined,
});

const compute = (changes: Partial<ComputeView>): ComputeView => ({ ...NO_COMPUTE, cores: 8, ...changes });

describe('the throttle in words', () => {
  it('tells every step exactly', () => {
    const percents = Array.from({ length: 19 }, (_, i) => 10 + 5 * i);
    for (const percent of percents) {
      const words = throttleWords(percent / 100);
      const [, rest = '0', span = '1'] = /rests (\d+) of every (\d+) seconds/.exec(words) ?? [];
      expect(Number(rest) / Number(span)).toBeCloseTo(1 - percent / 100, 10);
    }
  });

  it('reads as a person would say it', () => {
    expect([1, 0.95, 0.6, 0.1].map(throttleWords)).toEqual([
      'never rests',
      'rests 1 of every 20 seconds',
      'rests 4 of every 10 seconds',
      'rests 9 of every 10 seconds',
    ]);
  });
});

describe('what computes', () => {
  it.each([
    [[], 0, '–', 'not chosen yet'],
    [[trial('WebGL', 'untried')], 0, '–', 'not chosen yet'],
    [[trial('WebGPU', 'refused'), trial('WebGL', 'trying')], 0, 'Being chosen', 'trying WebGL'],
    [[trial('WebGPU', 'lost'), trial('SIMD', 'used')], 1, 'Processor', 'SIMD on 1 core'],
    [[trial('relaxed SIMD', 'used')], 4, 'Processor', 'relaxed SIMD on 4 cores'],
    [[trial('relaxed SIMD', 'used')], 0, 'Processor', 'relaxed SIMD'],
    [[trial('SIMD', 'slower'), trial('WebGPU', 'used')], 1, 'Graphics chip', 'WebGPU'],
    [[trial('SIMD', 'refused'), trial('WebGL', 'lost')], 0, 'Nothing', 'no way to compute works here'],
  ] as const)('case %#', (trials, workers, device, technique) => {
    expect(backendWords(compute({ trials, workers }))).toEqual({ device, technique });
  });

  it('is the graphics chip only where WebGL or WebGPU is in use', () => {
    expect(usesGraphics(compute({ trials: [trial('WebGL', 'used')] }))).toBe(true);
    expect(usesGraphics(compute({ trials: [trial('WebGL', 'lost'), trial('SIMD', 'used')] }))).toBe(false);
  });
});

describe('the choice of cores', () => {
  it('takes effect with the next round, and says so only while it has not', () => {
    expect(coresWords(compute({ workers: 2, wantedWorkers: 4 }))).toBe(
      '4 from the next round on, 2 until then.',
    );
    expect(coresWords(compute({ workers: 4, wantedWorkers: 4 }))).toBe('4 stay free for other programs.');
    expect(coresWords(compute({ workers: 0, wantedWorkers: 7 }))).toBe('1 stays free for other programs.');
  });

  it('warns when nothing is left, and knows when cores do not matter', () => {
    expect(coresWords(compute({ workers: 8, wantedWorkers: 8 }))).toMatch(/other programs may get slow/);
    expect(coresWords(compute({ cores: 1 }))).toBe('This computer has no more.');
    const trials = [trial('WebGPU', 'used')];
    expect(coresWords(compute({ trials, workers: 1, wantedWorkers: 4 }))).toBe(
      'Used only if the graphics chip fails.',
    );
  });
});

describe('notices', () => {
  const notices = [
    { round: 0, sentence: 'WebGPU is slow to start.' },
    { round: 12, sentence: 'WebGL lost its context.' },
  ];

  it('are news for five rounds, the newest alone', () => {
    const at = (round: number) => prominentNotice(compute({ notices }), round)?.round;
    expect([12, 13, 16, 17, 40].map(at)).toEqual([12, 12, 12, undefined, undefined]);
    expect(prominentNotice(compute({}), 3)).toBeUndefined();
  });

  it('name their round, if there was one', () => {
    expect(notices.map(noticeWords)).toEqual([
      'WebGPU is slow to start.',
      'Round 12: WebGL lost its context.',
    ]);
  });
});
