import { describe, expect, it } from 'vitest';
import { createProgram, type Verbs } from './program.ts';
import { resolveOptions } from './resolveOptions.ts';

async function parse(...args: string[]): Promise<[string, unknown][]> {
  const calls: [string, unknown][] = [];
  const note = (verb: string) => async (first: unknown, second?: unknown) =>
    void calls.push([verb, second === undefined ? first : [first, second]]);
  const verbs: Verbs = {
    serve: note('serve'),
    shard: note('shard'),
    exportRun: note('export'),
    evaluate: note('evaluate'),
    status: note('status'),
    doctor: note('doctor'),
    sweep: note('sweep'),
    join: note('join'),
  };
  await createProgram(verbs, '1.2.3').parseAsync(args, { from: 'user' });
  return calls;
}

describe('command line', () => {
  it('serves when no verb is given', async () => {
    expect(await parse()).toEqual([['serve', {}]]);
    expect(await parse('--rounds', '10', '--once', '--json')).toEqual([
      ['serve', { rounds: '10', once: true, json: true }],
    ]);
    expect(await parse('serve', '--config', 'x.json', '--norm-pix')).toEqual([
      ['serve', { config: 'x.json', normPix: true }],
    ]);
  });

  it('lets a switch be turned off over the environment', async () => {
    const [[, flags] = []] = await parse('--no-norm-pix', '--no-once');
    expect(flags).toEqual({ normPix: false, once: false });
    const env = { MURMUR_NORM_PIX: 'true', MURMUR_ONCE: 'true' };
    const options = resolveOptions({ flags: { normPix: false, once: false }, env, file: undefined });
    expect([options.normPix, options.once]).toEqual([false, false]);
  });

  it('knows the other verbs', async () => {
    expect(await parse('shard', './x', '--out', 'y', '--patch', '4')).toEqual([
      ['shard', ['./x', { out: 'y', seed: '0', patch: '4' }]],
    ]);
    expect(await parse('join', 'http://h:1/#join=t', '--name', 'Ada')).toEqual([
      ['join', ['http://h:1/#join=t', '--name', 'Ada']],
    ]);
    expect(await parse('export', '--run-dir', 'r')).toEqual([['export', { runDir: 'r' }]]);
    expect(await parse('evaluate', '--data', 'x', '--labels', '100')).toEqual([
      ['evaluate', ['latest', { data: 'x', labels: '100', token: 'mean', seed: '0' }]],
    ]);
    expect(await parse('status', '--json')).toEqual([['status', { json: true }]]);
    expect(await parse('doctor')).toEqual([['doctor', { data: 'glyphs', port: '7600' }]]);
  });

  it.each([
    [['--roundz', '3'], 'commander.unknownOption'],
    [['--rounds'], 'commander.optionMissingArgument'],
    [['shard', 'x'], 'commander.missingMandatoryOptionValue'],
    [['join'], 'commander.missingArgument'],
    [['fly'], 'commander.excessArguments'],
    [['serve', 'extra'], 'commander.excessArguments'],
  ])('refuses %j', async (args, code) => {
    await expect(parse(...args)).rejects.toMatchObject({ code });
  });
});
