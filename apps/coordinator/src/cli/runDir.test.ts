import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveOptions, type ServeOptions } from './resolveOptions.ts';
import {
  differenceSentence,
  fixedSettings,
  openRunDir,
  runDirOf,
  runFiles,
  type FixedSettings,
} from './runDir.ts';

const options = (flags: Record<string, unknown> = {}): ServeOptions =>
  resolveOptions({ flags, env: {}, file: undefined });

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'murmur-rundir-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** As if the run had been created in it. */
const begin = async (flags: Record<string, unknown> = {}) => {
  const made = await openRunDir(options(flags), cwd, 0);
  await writeFile(runFiles.store(made.dir), '');
  made.lock.release();
  return made.dir;
};
const open = (flags: Record<string, unknown> = {}) => openRunDir(options(flags), cwd, 0);

describe('run folder', () => {
  it('is named after data, objective and preset, or as asked', () => {
    expect(runDirOf(options(), '/x')).toBe('/x/.murmur/glyphs-mae-nano');
    expect(runDirOf(options({ data: '../My Pictures.tar', preset: 'tiny' }), '/x')).toBe(
      '/x/.murmur/my-pictures-mae-tiny',
    );
    expect(runDirOf(options({ data: '../cifar-10/jpeg_*.tar.gz' }), '/x')).toBe('/x/.murmur/jpeg-mae-nano');
    expect(runDirOf(options({ runDir: 'here' }), '/x')).toBe('/x/here');
  });

  it('keeps the operator token over restarts, unless one is given', async () => {
    const first = await open();
    first.lock.release();
    const second = await open();
    second.lock.release();
    expect(first.operatorToken).toMatch(/^[0-9a-f]{32}$/);
    expect(second.operatorToken).toBe(first.operatorToken);
    const third = await open({ operatorToken: 'mine' });
    third.lock.release();
    expect(third.operatorToken).toBe('mine');
  });

  it('may go on with another target, port or number of volunteers', async () => {
    await begin({ rounds: '5' });
    (await open({ minutes: '1', volunteers: '0', port: '0', once: true, json: true })).lock.release();
  });

  it.each([
    [
      { seed: '7' },
      { seed: '8' },
      '--seed 7, and now it is 8: go on with --seed 7, or start over with --fresh',
    ],
    [{}, { patch: '8' }, '--patch its default, and now it is 8: go on without --patch, or'],
    [{ normPix: true }, {}, '--norm-pix true, and now it is false: go on with --norm-pix, or'],
    [{}, { normPix: true }, '--norm-pix false, and now it is true: go on with --no-norm-pix, or'],
    [{ data: 'a/x' }, { data: 'b/x' }, '/a/x, and now it is'],
  ])('made with %j refuses %j', async (made, asked, sentence) => {
    await begin(made);
    await expect(open(asked)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(sentence),
    });
    (await open(made)).lock.release();
  });

  it('goes on with a run of an older build, which knew fewer settings', async () => {
    await begin({});
    const path = runFiles.settings(runDirOf(options(), cwd));
    const {
      temperature: _,
      views: __,
      aggregate: ___,
      ...older
    } = JSON.parse(await readFile(path, 'utf8')) as FixedSettings;
    await writeFile(path, JSON.stringify(older));
    (await open({})).lock.release();
    await expect(open({ aggregate: 'krum' })).rejects.toThrow('--aggregate');
  });

  it('can still become another run as long as none was created in it', async () => {
    (await open({ seed: '1' })).lock.release();
    (await open({ seed: '2' })).lock.release();
  });

  it('takes the same path, however written, for the same data', () => {
    const settings = (data: string) => fixedSettings(options({ data }), '/x');
    expect(differenceSentence(settings('./pictures/'), settings('/x/pictures'))).toBeUndefined();
  });

  it('CD3: goes on with another codec, as a run of a build that had no auto does', () => {
    const settings = (codec: string) => fixedSettings(options({ codec }), '/x');
    expect(differenceSentence(settings('int8'), fixedSettings(options(), '/x'))).toBeUndefined();
    expect(differenceSentence(settings('auto'), settings('topk'))).toBeUndefined();
  });

  it('is moved aside whole by --fresh', async () => {
    const first = await open({ seed: '1' });
    await writeFile(join(first.dir, 'precious'), 'version');
    first.lock.release();
    const second = await open({ seed: '2', fresh: true });
    second.lock.release();
    const folders = await readdir(join(cwd, '.murmur'));
    expect(folders).toHaveLength(2);
    const aside = folders.find((name) => name.startsWith('glyphs-mae-nano.old-')) ?? '';
    expect(await readdir(join(cwd, '.murmur', aside))).toContain('precious');
    expect(await readdir(second.dir)).not.toContain('precious');
  });

  it('is not taken from one who works in it', async () => {
    const { lock } = await open();
    await expect(open()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('in use') });
    await expect(open({ fresh: true })).rejects.toThrow('in use');
    lock.release();
  });

  it('says so when its settings are damaged', async () => {
    const dir = await begin();
    await writeFile(runFiles.settings(dir), '{"see');
    await expect(open()).rejects.toThrow(/settings.json is damaged.*--fresh/);
  });
});
