import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import { systemSentence } from './systemSentence.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-system-'));
  await writeFile(join(dir, 'file'), 'x');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what the system refuses', () => {
  it('is one sentence that names the path', async () => {
    const missing = join(dir, 'nowhere');
    expect(systemSentence(await failureOf(readFile(missing)))).toBe(
      `${missing} does not exist: check the spelling.`,
    );
    const through = join(dir, 'file', 'inside');
    expect(systemSentence(await failureOf(mkdir(through)))).toBe(
      `${through} leads through a file where a folder is needed: choose another place.`,
    );
  });

  it('is no bug of murmur', async () => {
    const error = await failureOf(mkdir(join(dir, 'file')));
    expect(explain(error)).toEqual({
      code: 1,
      sentence: `${join(dir, 'file')} is there already, and is no folder: choose another place, or move it away.`,
    });
  });

  it('says nothing of other errors', () => {
    expect(systemSentence(new Error('no code'))).toBeUndefined();
    expect(systemSentence(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined();
    expect(explain(new TypeError('oops')).sentence).toContain('this is a bug');
  });
});
