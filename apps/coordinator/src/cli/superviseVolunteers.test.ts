import { describe, expect, it } from 'vitest';
import { restartDelayMs, superviseVolunteers, type VolunteerProcess } from './superviseVolunteers.ts';

/** A world whose clock and processes move by hand. */
function world(obedient = true) {
  let now = 0;
  let timers: { at: number; call: () => void }[] = [];
  const children: { index: number; log: string[]; end: (sentence?: string) => void }[] = [];
  const deaths: [number, string, number][] = [];
  return {
    children,
    deaths,
    timers: () => timers.length,
    advance(ms: number) {
      now += ms;
      const due = timers.filter((t) => t.at <= now);
      timers = timers.filter((t) => t.at > now);
      due.forEach((t) => t.call());
    },
    host: {
      start(index: number): VolunteerProcess {
        let onEnd: (sentence: string | undefined) => void = () => undefined;
        const child = { index, log: [] as string[], end: (sentence?: string) => onEnd(sentence) };
        children.push(child);
        return {
          onEnd: (call) => (onEnd = call),
          stop: () => {
            child.log.push('stop');
            if (obedient) child.end();
          },
          kill: () => {
            child.log.push('kill');
            child.end();
          },
        };
      },
      now: () => now,
      after(ms: number, call: () => void) {
        const timer = { at: now + ms, call };
        timers.push(timer);
        return () => (timers = timers.filter((t) => t !== timer));
      },
      onDeath: (...death: [number, string, number]) => deaths.push(death),
    },
  };
}

describe('supervision of local volunteers', () => {
  it('waits longer after every early death, up to half a minute', () => {
    expect([1, 2, 3, 5, 6, 50].map(restartDelayMs)).toEqual([1000, 2000, 4000, 16000, 30000, 30000]);
  });

  it('starts each again after its delay, and forgets early deaths once one has lived', () => {
    const w = world();
    superviseVolunteers(2, w.host);
    expect(w.children.map((c) => c.index)).toEqual([0, 1]);
    w.children[1]?.end('it crashed');
    w.advance(999);
    expect(w.children).toHaveLength(2);
    w.advance(1);
    expect(w.children[2]?.index).toBe(1);
    w.children[2]?.end('it crashed again');
    w.advance(2000);
    w.advance(60_000);
    w.children[3]?.end('it crashed late');
    expect(w.deaths).toEqual([
      [1, 'it crashed', 1000],
      [1, 'it crashed again', 2000],
      [1, 'it crashed late', 1000],
    ]);
  });

  it('lets those go for whom the run is over', async () => {
    const w = world();
    const supervised = superviseVolunteers(2, w.host);
    w.children.forEach((child) => child.end());
    w.advance(1e6);
    expect(w.children).toHaveLength(2);
    expect(w.deaths).toEqual([]);
    await supervised.stop();
  });

  it('stops all, starts none again, and resolves when the last has ended', async () => {
    const w = world();
    const supervised = superviseVolunteers(3, w.host);
    w.children[0]?.end('it crashed');
    await supervised.stop();
    w.advance(1e6);
    expect(w.children.map((c) => c.log)).toEqual([[], ['stop'], ['stop']]);
    expect(w.children).toHaveLength(3);
    expect(w.timers()).toBe(0);
  });

  it('kills who does not stop', async () => {
    const w = world(false);
    const supervised = superviseVolunteers(1, w.host);
    const stopped = supervised.stop();
    w.advance(4000);
    await stopped;
    expect(w.children[0]?.log).toEqual(['stop', 'kill']);
  });

  it('has nothing to wait for when there are none', async () => {
    const w = world();
    await superviseVolunteers(0, w.host).stop();
    expect(w.timers()).toBe(0);
  });
});
