import { afterEach, describe, expect, test } from 'vitest';
import { specOf } from '@murmur/core/models/modelSpec';
import { createLearningThread, type LearningThread } from './learningThread.ts';

const spec = specOf('nano', { imageSize: 8, patchSize: 4, numChannels: 1 }, { mean: [0], std: [1] });
const script = new URL('./crashing.fixture.mjs', import.meta.url);
const setup = { spec, wasmPath: undefined, labelled: undefined };
let thread: LearningThread | undefined;

afterEach(() => thread?.close());

/** The fixture reads what to do from the number of values. */
const call = (thread: LearningThread, length: number) =>
  thread.call({ type: 'scoreEncoder', params: new Float32Array(length).fill(length) });

describe('learning thread', () => {
  test('answers calls in order, one at a time', async () => {
    thread = createLearningThread(setup, { script });
    const answers = await Promise.all([5, 6, 7].map((length) => call(thread as LearningThread, length)));
    expect(answers.map((a) => (a.type === 'scored' ? a.score.knn : NaN))).toEqual([5, 6, 7]);
  });

  test('a failure is a sentence and costs nothing else', async () => {
    thread = createLearningThread(setup, { script });
    await expect(call(thread, 4)).rejects.toMatchObject({ reason: 'failed', message: 'It diverged.' });
    await expect(call(thread, 5)).resolves.toMatchObject({ type: 'scored' });
  });

  test.each([
    ['ends', 1, 'it ended with code 3'],
    ['throws', 2, 'out of memory'],
  ])('a thread that %s fails its call, is started once more, and not twice', async (_, length, cause) => {
    thread = createLearningThread(setup, { script });
    await expect(call(thread, length)).rejects.toMatchObject({
      reason: 'crashed',
      message: expect.stringContaining(cause) as string,
    });
    await expect(call(thread, 5)).resolves.toMatchObject({ type: 'scored' });
    await expect(call(thread, length)).rejects.toMatchObject({ reason: 'crashed' });
    await expect(call(thread, 5)).rejects.toMatchObject({
      reason: 'crashed',
      message: expect.stringContaining('not started again') as string,
    });
  });

  test('a thread that says nothing is ended at the deadline', async () => {
    thread = createLearningThread(setup, { script, deadlineMs: 50 });
    await expect(call(thread, 3)).rejects.toMatchObject({
      reason: 'crashed',
      message: expect.stringContaining('no answer for 0.05 s') as string,
    });
  });

  test('closing rejects what is under way, what waits and what comes', async () => {
    thread = createLearningThread(setup, { script });
    const calls = [call(thread, 3), call(thread, 5)].map((c) =>
      expect(c).rejects.toMatchObject({ reason: 'closed' }),
    );
    await thread.close();
    await Promise.all(calls);
    await expect(call(thread, 5)).rejects.toMatchObject({ reason: 'closed' });
  });
});
