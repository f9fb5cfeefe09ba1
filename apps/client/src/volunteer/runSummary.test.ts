import { describe, expect, it } from 'vitest';
import { hashFixture, runFixture } from '../gallery/records.fixture.ts';
import { fetchRunSummary, pictureCount } from './runSummary.ts';

const status = { phase: 'running', round: 3, version: hashFixture(3), progress: 0.1 };
const answering = (body: unknown, init?: ResponseInit) => async () =>
  new Response(JSON.stringify(body), init);

describe('fetchRunSummary', () => {
  it('reads the run, its status and who is here', async () => {
    expect(await fetchRunSummary(answering({ run: runFixture, status, volunteers: 3 }))).toEqual({
      kind: 'known',
      summary: { run: runFixture, status, volunteers: 3 },
    });
  });

  it('turns an unreachable coordinator into a sentence', async () => {
    const refused = await fetchRunSummary(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(refused).toEqual({ kind: 'unreachable', sentence: expect.stringContaining('does not answer') });
    const broken = await fetchRunSummary(answering({}, { status: 503 }));
    expect(broken).toEqual({ kind: 'unreachable', sentence: expect.stringContaining('status 503') });
  });

  it('tells who lacks the join token before they try to join', async () => {
    const shown = { run: { ...runFixture, dataset: null }, status, volunteers: 3 };
    expect(await fetchRunSummary(answering(shown))).toEqual({
      kind: 'unreachable',
      sentence: expect.stringContaining('Ask the operator for the whole join address'),
    });
  });

  it('asks for a reload when the answer is of another version', async () => {
    expect(await fetchRunSummary(answering({ run: 'glyphs' }))).toEqual({
      kind: 'unreachable',
      sentence: expect.stringContaining('Reload'),
    });
  });
});

describe('pictureCount', () => {
  it('adds up the shards', () => expect(pictureCount(runFixture)).toBe(20_000));
  it('admits that it does not know', () =>
    expect(pictureCount({ ...runFixture, dataset: {} })).toBeUndefined());
});
