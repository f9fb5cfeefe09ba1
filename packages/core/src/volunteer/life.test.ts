import { describe, expect, test } from 'vitest';
import type { CoordinatorMessage } from '../protocol/messages.ts';
import type { RoundManifest } from '../protocol/round.ts';
import { lifeWakeMs, reduceLife } from './life.ts';
import { wantsVersion } from './rounds.ts';
import { UNBORN, type Life, type LifeEffect, type LifeEvent } from './lifeState.ts';
import { phaseOf, sentenceOf } from './viewOf.ts';

const HASH = (c: string) => c.repeat(64);
const status = (version = HASH('0'), phase: 'running' | 'finished' | 'paused' = 'running') => ({
  phase,
  round: 0,
  version,
  progress: 0,
});
const welcome = (over: Partial<Extract<CoordinatorMessage, { type: 'welcome' }>> = {}): LifeEvent => ({
  type: 'message',
  message: {
    type: 'welcome',
    peer: 'anna',
    secret: 's',
    status: status(),
    iceServers: [],
    run: {
      run: 'r',
      name: 'r',
      objective: 'mae',
      preset: 'nano',
      parameters: 8,
      schemaHash: HASH('5'),
      model: {},
      dataset: {},
      target: { kind: 'rounds', amount: 1 },
    },
    ...over,
  },
});
const manifest: RoundManifest = {
  run: 'r',
  round: 3,
  base: HASH('0'),
  members: ['anna', 'bert'].map((peer) => ({ peer, name: peer, workers: 1, leases: [] })),
  parts: [{ start: 0, end: 8, owner: 'anna' }],
  codec: 'int8',
  rule: 'mean',
  seed: 1,
  optimizer: 'adamw',
  learningRate: 1,
  batchSize: 1,
  minSteps: 1,
  maxSteps: 1,
  trainMs: 1_000,
  reduceMs: 8_000,
};
const round: LifeEvent = { type: 'message', message: { type: 'round', manifest } };
const reduce: LifeEvent = {
  type: 'message',
  message: {
    type: 'reduce',
    round: 3,
    owners: ['anna'],
    contributors: [{ peer: 'bert', samples: 1, steps: 1, hashes: [HASH('c')] }],
  },
};
const prepared: LifeEvent = { type: 'prepared', schemaHash: HASH('5'), device: 'test' };
const loaded: LifeEvent = { type: 'loaded', version: HASH('0') };

function volunteer(...events: LifeEvent[]) {
  let life: Life = UNBORN;
  const feed = (event: LifeEvent, nowMs = 0): readonly LifeEffect[] => {
    const [next, effects] = reduceLife(life, event, nowMs);
    life = next;
    return effects;
  };
  events.forEach((event) => feed(event));
  return { feed, life: () => life };
}
const types = (effects: readonly LifeEffect[]) =>
  effects.map((e) => (e.type === 'tell' ? e.message.type : e.type));
const JOINED: LifeEvent[] = [{ type: 'join' }, { type: 'connected' }, welcome(), prepared, loaded];

describe('joining', () => {
  test('connect, greet, prepare, fetch the newest version, and only then be available', () => {
    const v = volunteer();
    expect(types(v.feed({ type: 'join' }))).toEqual(['connect']);
    expect(types(v.feed({ type: 'connected' }))).toEqual(['hello']);
    expect(types(v.feed(welcome()))).toEqual(['prepare']);
    expect(v.feed(prepared)).toEqual([{ type: 'resync', version: HASH('0') }]);
    expect(v.feed(loaded)).toEqual([
      {
        type: 'tell',
        message: {
          ...{ type: 'available', schemaHash: HASH('5'), version: HASH('0'), device: 'test' },
          workers: 1,
        },
      },
    ]);
    expect(phaseOf(v.life())).toBe('waiting');
  });

  test('LK4: a refusal that only a person can mend ends the stay with its sentence', () => {
    const v = volunteer({ type: 'join' }, { type: 'connected' });
    v.feed({ type: 'message', message: { type: 'refused', reason: 'bad-token' } });
    expect(phaseOf(v.life())).toBe('failed');
    expect(sentenceOf(v.life())).toContain('join token');
    expect(types(v.feed({ type: 'join' }))).toEqual(['connect']);
  });

  test('LK4: a greeting that the coordinator cannot read ends the stay; a later message does not', () => {
    const refused: LifeEvent = { type: 'message', message: { type: 'refused', reason: 'bad-message' } };
    const v = volunteer({ type: 'join' }, { type: 'connected' }, refused);
    expect(phaseOf(v.life())).toBe('failed');
    expect(volunteer(...JOINED).feed(refused)).toEqual([]);
  });

  test('a model that cannot be built is said, with the sentence of the engine', () => {
    const v = volunteer({ type: 'join' }, { type: 'connected' }, welcome(), {
      type: 'engineFailed',
      sentence: 'No WebAssembly here.',
    });
    expect([phaseOf(v.life()), sentenceOf(v.life())]).toEqual(['failed', 'No WebAssembly here.']);
  });
});

describe('workers', () => {
  const workers = (count: number): LifeEvent => ({ type: 'workers', count });
  const told = (effects: readonly LifeEffect[]) =>
    effects.map((e) => (e.type === 'tell' && e.message.type === 'available' ? e.message.workers : e.type));

  test('their number is said with being available, and again when it changes, in a round too', () => {
    const v = volunteer({ type: 'join' }, { type: 'connected' }, welcome(), prepared, workers(2));
    expect(told(v.feed(loaded))).toEqual([2]);
    expect(told(v.feed(workers(2)))).toEqual([]);
    expect(told(v.feed(workers(3)))).toEqual([3]);
    v.feed(round);
    expect(told(v.feed(workers(1)))).toEqual([1]);
    expect(v.life().round?.phase).toBe('training');
    expect(told(v.feed(workers(99)))).toEqual([64]);
  });

  test('nothing is said while no round may count on this volunteer; the number is kept until then', () => {
    const v = volunteer(workers(4));
    for (const event of JOINED.slice(0, -1)) v.feed(event);
    expect(told(v.feed(workers(2)))).toEqual([]);
    v.feed({ type: 'pause' });
    expect(told(v.feed(workers(3)))).toEqual([]);
    expect(told(v.feed({ type: 'resume' }))).toEqual([]);
    expect(told(v.feed(loaded))).toEqual([3]);
    v.feed({ type: 'disconnected' });
    expect(told(v.feed(workers(5)))).toEqual([]);
    v.feed({ type: 'connected' });
    expect(told(v.feed(welcome()))).toEqual([5]);
  });

  test('an engine that is started again has none for a moment, of which nothing is said', () => {
    const v = volunteer(...JOINED, workers(4));
    expect(v.feed(workers(0))).toEqual([]);
    v.feed({ type: 'engineRestarted', sentence: 'It stopped.' });
    expect(v.feed(workers(1))).toEqual([]);
    v.feed(prepared);
    expect(told(v.feed(loaded))).toEqual([1]);
  });
});

describe('losing the worker', () => {
  test('a volunteer whose worker stops in a round leaves, so that nobody counts on it, and says why', () => {
    const v = volunteer(...JOINED, round);
    const effects = v.feed({ type: 'engineFailed', sentence: 'The training worker stopped.' });
    expect(types(effects)).toEqual(['cancelTraining', 'leave', 'closeLinks', 'disconnect']);
    expect([phaseOf(v.life()), sentenceOf(v.life())]).toEqual(['failed', 'The training worker stopped.']);
    expect(v.feed(round)).toEqual([]);
  });

  test('one whose worker is replaced loses the round and no later one: no round waits for it meanwhile', () => {
    const v = volunteer(...JOINED, round);
    const effects = v.feed({ type: 'engineRestarted', sentence: 'WebGL lost its context.' });
    expect(effects).toEqual([
      { type: 'tell', message: { type: 'failed', round: 3, sentence: 'WebGL lost its context.' } },
      { type: 'tell', message: { type: 'paused' } },
      expect.objectContaining({ type: 'prepare' }),
    ]);
    expect(v.feed({ type: 'round', round: 3, event: { type: 'applied', version: HASH('1') } })).toEqual([]);
    expect(phaseOf(v.life())).toBe('preparing');
    expect(types(v.feed(prepared))).toEqual(['resync']);
    expect(types(v.feed(loaded))).toEqual(['available']);
    const next: LifeEvent = {
      type: 'message',
      message: { type: 'round', manifest: { ...manifest, round: 4 } },
    };
    expect(types(v.feed(next))).toEqual(['meshWith', 'train']);
  });

  test('a worker that is replaced outside a round, after its failure was told, or offline owes nothing', () => {
    const restarted: LifeEvent = { type: 'engineRestarted', sentence: 'It stopped.' };
    expect(types(volunteer(...JOINED).feed(restarted))).toEqual(['paused', 'prepare']);
    const failed = { kind: 'failed', sentence: 'NaN' } as const;
    const told = volunteer(...JOINED, round, {
      ...{ type: 'round', round: 3 },
      event: { type: 'trained', result: failed, meshed: [] },
    });
    expect(types(told.feed(restarted))).toEqual(['paused', 'prepare']);
    const offline = volunteer(...JOINED, { type: 'disconnected' });
    expect(offline.feed(restarted)).toEqual([]);
    expect(types(offline.feed({ type: 'connected' }))).toEqual(['hello']);
    expect(types(offline.feed(welcome()))).toEqual(['prepare']);
  });

  test('one that is paused builds its model when it goes on', () => {
    const v = volunteer(...JOINED, { type: 'pause' });
    expect(types(v.feed({ type: 'engineRestarted', sentence: 'It stopped.' }))).toEqual(['paused']);
    expect(types(v.feed({ type: 'resume' }))).toEqual(['prepare']);
  });

  test('one that joins again builds its model again', () => {
    const v = volunteer(...JOINED, { type: 'engineFailed', sentence: 'Stopped.' });
    expect(types(v.feed({ type: 'join' }))).toEqual(['connect']);
    v.feed({ type: 'connected' });
    expect(types(v.feed(welcome()))).toEqual(['prepare']);
    expect(types(v.feed(prepared))).toEqual(['resync']);
  });
});

describe('losing the coordinator', () => {
  test('who is not let in for now is told why, and goes on trying until it is', () => {
    const v = volunteer({ type: 'join' });
    expect(v.feed({ type: 'turnedAway', sentence: '64 are here.' })).toEqual([]);
    expect([phaseOf(v.life()), sentenceOf(v.life())]).toEqual([
      'connecting',
      '64 are here. Trying again by itself.',
    ]);
    v.feed({ type: 'connected' });
    v.feed({ type: 'disconnected' });
    expect(sentenceOf(v.life())).toBe('Connecting to the coordinator.');
  });

  test('VS3: it goes on from the version it holds, without fetching it again', () => {
    const v = volunteer(...JOINED, round);
    expect(types(v.feed({ type: 'disconnected' }))).toEqual(['cancelTraining']);
    expect(phaseOf(v.life())).toBe('connecting');
    expect(types(v.feed({ type: 'connected' }))).toEqual(['hello']);
    expect(types(v.feed(welcome({ peer: 'cleo' })))).toEqual(['available']);
  });

  test('VS3: a newer version is fetched first, and another run is prepared anew', () => {
    const v = volunteer(...JOINED, { type: 'disconnected' }, { type: 'connected' });
    expect(v.feed(welcome({ status: status(HASH('7')) }))).toEqual([{ type: 'resync', version: HASH('7') }]);
    const other = volunteer(...JOINED);
    const effects = other.feed(
      welcome({ run: { ...(other.life().run as NonNullable<Life['run']>), run: 'another' } }),
    );
    expect(types(effects)).toEqual(['prepare']);
  });

  test('results of a round that is over change nothing', () => {
    const v = volunteer(...JOINED, round, { type: 'disconnected' });
    expect(v.feed({ type: 'round', round: 3, event: { type: 'applied', version: HASH('1') } })).toEqual([]);
    expect(v.life().version).toBe(HASH('0'));
  });
});

describe('pausing and leaving', () => {
  test('a pause while training takes effect at once', () => {
    const v = volunteer(...JOINED, round);
    expect(types(v.feed({ type: 'pause' }))).toEqual(['cancelTraining', 'paused']);
    expect(phaseOf(v.life())).toBe('paused');
    expect(types(v.feed({ type: 'resume' }))).toEqual(['available']);
  });

  test('an exchange that has begun is brought home before the pause', () => {
    const v = volunteer(...JOINED, round, reduce);
    expect(v.feed({ type: 'pause' })).toEqual([]);
    v.feed({
      type: 'message',
      message: { type: 'commit', round: 3, version: HASH('1'), updates: [HASH('e')] },
    });
    v.feed({ type: 'message', message: { type: 'update', round: 3, part: 0, bytes: Uint8Array.of(1) } });
    const effects = v.feed({ type: 'round', round: 3, event: { type: 'applied', version: HASH('1') } });
    expect(types(effects)).toEqual(['confirm', 'paused']);
    expect(v.life()).toMatchObject({ version: HASH('1'), round: undefined });
  });

  test('leaving says goodbye, closes the links and answers no round any more', () => {
    const v = volunteer(...JOINED, round);
    expect(types(v.feed({ type: 'leave' }))).toEqual(['cancelTraining', 'leave', 'closeLinks', 'disconnect']);
    expect(phaseOf(v.life())).toBe('left');
    expect(v.feed(round)).toEqual([]);
  });
});

describe('rounds', () => {
  test('a member opens its links and trains; others are not concerned', () => {
    expect(types(volunteer(...JOINED).feed(round))).toEqual(['meshWith', 'train']);
    const stranger = { ...manifest, members: [{ peer: 'zora', name: 'zora', workers: 1, leases: [] }] };
    expect(
      volunteer(...JOINED).feed({ type: 'message', message: { type: 'round', manifest: stranger } }),
    ).toEqual([]);
  });

  test('VS2: a status that comes after the commit does not bring the version of the round before back', () => {
    const v = volunteer(...JOINED, round, reduce);
    v.feed({
      type: 'message',
      message: { type: 'commit', round: 3, version: HASH('1'), updates: [HASH('e')] },
    });
    v.feed({ type: 'message', message: { type: 'update', round: 3, part: 0, bytes: Uint8Array.of(1) } });
    const applied: LifeEvent = {
      ...{ type: 'round', round: 3 },
      event: { type: 'applied', version: HASH('1') },
    };
    expect(types(v.feed(applied))).toEqual(['confirm']);
    expect(v.life()).toMatchObject({ fetching: undefined, version: HASH('1') });
    const late: LifeEvent = {
      type: 'message',
      message: { type: 'status', status: { ...status(HASH('1')), round: 3 } },
    };
    expect(v.feed(late)).toEqual([]);
  });

  test('VS2: a version that is on its way is not wanted any more once a round begins from what is here', () => {
    const v = volunteer(...JOINED);
    v.feed({ type: 'message', message: { type: 'status', status: status(HASH('7')) } });
    expect(wantsVersion(v.life(), HASH('7'))).toBe(true);
    v.feed(round);
    expect(wantsVersion(v.life(), HASH('7'))).toBe(false);
  });

  test('RD9: a deadline of the round is a wake-up of the life', () => {
    const v = volunteer(...JOINED, round, reduce);
    expect(lifeWakeMs(v.life())).toBe(3_200);
  });

  test('a base version that cannot be fetched costs this round only', () => {
    const v = volunteer(...JOINED);
    v.feed({ type: 'message', message: { type: 'round', manifest: { ...manifest, base: HASH('9') } } });
    expect(types(v.feed({ type: 'loadFailed', version: HASH('9') }))).toEqual(['failed']);
    expect(
      types(v.feed({ type: 'message', message: { type: 'round', manifest: { ...manifest, round: 4 } } })),
    ).toEqual(['meshWith', 'train']);
  });

  test('a version that nothing needs any more and cannot be fetched costs nothing', () => {
    const v = volunteer(...JOINED);
    v.feed({ type: 'message', message: { type: 'status', status: status(HASH('7')) } });
    v.feed({ type: 'loaded', version: HASH('7') });
    v.feed({ type: 'message', message: { type: 'status', status: status(HASH('8')) } });
    v.feed({ type: 'message', message: { type: 'round', manifest: { ...manifest, base: HASH('7') } } });
    expect(v.feed({ type: 'loadFailed', version: HASH('8') })).toEqual([]);
    expect(v.life().round?.phase).toBe('training');
  });

  test('VS3: a newest version that cannot be fetched is asked for again after five seconds', () => {
    const v = volunteer({ type: 'join' }, { type: 'connected' }, welcome(), prepared);
    v.feed({ type: 'loadFailed', version: HASH('0') }, 1_000);
    expect(lifeWakeMs(v.life())).toBe(6_000);
    expect(v.feed({ type: 'tick' }, 5_999)).toEqual([]);
    expect(v.feed({ type: 'tick' }, 6_000)).toEqual([{ type: 'resync', version: HASH('0') }]);
    expect(lifeWakeMs(v.life())).toBeUndefined();
  });

  test('a newer round replaces one that never ended here', () => {
    const v = volunteer(...JOINED, round);
    expect(
      types(v.feed({ type: 'message', message: { type: 'round', manifest: { ...manifest, round: 4 } } })),
    ).toEqual(['cancelTraining', 'meshWith', 'train']);
    expect(v.feed(round)).toEqual([]);
  });

  test('the end of the run is shown', () => {
    const v = volunteer(...JOINED);
    v.feed({ type: 'message', message: { type: 'status', status: status(HASH('0'), 'finished') } });
    expect(phaseOf(v.life())).toBe('finished');
  });
});
