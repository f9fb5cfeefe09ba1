/** A round of twenty volunteers: two groups of ten. */
import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import type { CombinePlan, RoundManifest } from '../protocol/round.ts';
import { roundManifest } from '../protocol/round.ts';
import { bench, HASH, types, CONTRIBUTION } from './reducer.fixture.ts';
import type { RoundEffect } from './state.ts';

const PEERS = Array.from({ length: 20 }, (_, i) => `peer${String(i).padStart(2, '0')}`);
const GROUPS = [PEERS.slice(0, 10), PEERS.slice(10)] as const;
const PARTS = 16;

const sent = (effects: readonly RoundEffect[], type: string) =>
  effects.flatMap((e) => (e.type === 'send' && e.message.type === type ? [e] : []));

function begun() {
  const b = bench({ parameters: 4096 * PARTS, quorum: PEERS.length });
  const effects = PEERS.flatMap((peer) => b.enter(peer));
  const manifests = new Map<string, RoundManifest>();
  for (const { to, message } of sent(effects, 'round'))
    if (message.type === 'round') for (const peer of to) manifests.set(peer, message.manifest);
  const manifestOf = (peer: string) => manifests.get(peer) as RoundManifest;
  const partial = (peer: string, part: number, over: { contributors?: string[]; hash?: string } = {}) =>
    b.say(peer, {
      ...{ type: 'partial', round: b.state().open?.manifest.round ?? 1, part },
      ...{ contributors: GROUPS.find((group) => group.includes(peer)) as string[], hash: HASH('7'), ...over },
    });
  return { ...b, effects, manifestOf, partial };
}

function gathering() {
  const b = begun();
  const effects = PEERS.flatMap((peer) => b.ready(peer));
  return { ...b, effects };
}

/** Every group has handed in every part. */
function combining() {
  const b = gathering();
  const effects = [0, 1].flatMap((group) =>
    Array.from({ length: PARTS }, (_, part) => {
      const owner = b.manifestOf(GROUPS[group]?.[0] as string).parts[part]?.owner as string;
      return b.partial(owner, part);
    }).flat(),
  );
  return { ...b, effects };
}

const plansIn = (effects: readonly RoundEffect[]): [string, CombinePlan][] =>
  sent(effects, 'combine').flatMap(({ to, message }) =>
    message.type === 'combine' ? message.plans.map((p): [string, CombinePlan] => [to[0] as string, p]) : [],
  );
const rootOf = (effects: readonly RoundEffect[], part: number): [string, CombinePlan] =>
  plansIn(effects).find(([, p]) => p.part === part && p.parent === null) as [string, CombinePlan];

type Combining = ReturnType<typeof combining>;
const combined = (b: Combining, peer: string, part: number, plan: CombinePlan, groups = [0, 1]) =>
  b.say(peer, {
    ...{ type: 'reduced', round: 1, part, contributors: [], groups, attempt: plan.attempt },
    bytes: new Uint8Array(4_100),
  });

function committing() {
  const b = combining();
  for (let part = 0; part < PARTS; part++) {
    const [root, plan] = rootOf(b.effects, part);
    combined(b, root, part, plan);
  }
  return b;
}
const updates = Array.from({ length: PARTS }, () => HASH('e'));
const commit = (b: Combining) => b.feed({ type: 'committed', round: 1, version: HASH('1'), updates });

test('GR1: each group has a manifest of its own: its members, the same parts, and whom they may have to reach', () => {
  const { manifestOf, effects } = begun();
  const [a, b] = [manifestOf('peer00'), manifestOf('peer10')];
  expect(a.members.map((m) => m.peer)).toEqual(GROUPS[0]);
  expect(b.members.map((m) => m.peer)).toEqual(GROUPS[1]);
  expect(a.parts.map(({ start, end }) => [start, end])).toEqual(
    b.parts.map(({ start, end }) => [start, end]),
  );
  expect([a.group?.index, b.group?.index, a.group?.count]).toEqual([0, 1, 2]);
  const owned = a.parts.flatMap(({ owner }, part) => (owner === 'peer00' ? [b.parts[part]?.owner] : []));
  expect(new Set(a.group?.neighbours)).toEqual(new Set(owned));
  for (const { message } of sent(effects, 'round'))
    if (message.type === 'round') expect(roundManifest.safeParse(message.manifest).success).toBe(true);
});

test('GR2: REDUCE names to each group its own contributors and owners', () => {
  const { effects } = gathering();
  const reduces = sent(effects, 'reduce');
  expect(reduces.flatMap((e) => e.to).sort()).toEqual(GROUPS.flat());
  reduces.forEach(({ to, message }) => {
    if (message.type !== 'reduce') throw new Error('expected reduce');
    const group = GROUPS.findIndex((peers) => peers.includes(to[0] as string));
    expect(message.contributors.map((c) => c.peer)).toEqual(GROUPS[group]);
    expect(message.owners.every((owner) => GROUPS[group]?.includes(owner))).toBe(true);
  });
});

test('GR2 AG1: who was not asked, or names somebody of another group, is refused', () => {
  const b = gathering();
  const { owner } = b.manifestOf('peer00').parts[0] as { owner: string };
  const other = GROUPS[0].find((peer) => peer !== owner) as string;
  expect(b.partial(other, 0)).toMatchObject([{ type: 'refuse', reason: 'not-a-member' }]);
  expect(b.partial(owner, 99)).toMatchObject([{ type: 'refuse', reason: 'not-a-member' }]);
  expect(b.partial(owner, 0, { contributors: ['peer10'] })).toMatchObject([
    { type: 'refuse', reason: 'wrong-size' },
  ]);
  expect(b.partial(owner, 0, { contributors: [] })).toMatchObject([{ type: 'refuse', reason: 'wrong-size' }]);
});

test('GR2 RD7: what a member holds is reduced again by another of its group when it leaves', () => {
  const b = gathering();
  const { owner, backup } = b.manifestOf('peer00').parts[0] as { owner: string; backup: string };
  b.partial(owner, 0);
  const replays = sent(b.feed({ type: 'left', peer: owner }), 'replay');
  expect(replays[0]).toMatchObject({ message: { part: 0, owner: backup } });
  expect(replays.every(({ to }) => to.every((peer) => GROUPS[0].includes(peer)))).toBe(true);
  expect(types(b.partial(backup, 0))).not.toContain('refuse');
});

test('GR2 RD7: who is silent is relieved, and at three fifths of the budget groups go on with what there is', () => {
  const b = gathering();
  // One message to whoever is in charge now, with hashes, and one to the others.
  expect(sent(b.at(2_400), 'replay').length).toBe(2 * 2 * PARTS);
  expect(sent(b.at(3_600), 'replay').length).toBe(2 * 2 * PARTS);
  b.partial(b.manifestOf('peer00').parts[3]?.owner as string, 3);
  const effects = b.at(4_800);
  expect(b.state().open?.phase).toBe('combining');
  expect(plansIn(effects).map(([, p]) => [p.part, p.parent, p.children])).toEqual([[3, null, []]]);
});

test('GR3: when all groups have all parts, each part has a root that waits for the other group', () => {
  const { effects, manifestOf } = combining();
  const plans = plansIn(effects);
  expect(plans.length).toBe(2 * PARTS);
  for (let part = 0; part < PARTS; part++) {
    const [root, plan] = rootOf(effects, part);
    const child = manifestOf('peer10').parts[part]?.owner;
    expect(root).toBe(manifestOf('peer00').parts[part]?.owner);
    expect(plan).toMatchObject({ own: { group: 0, weight: 10 }, attempt: 0 });
    expect(plan.children).toEqual([{ peer: child, groups: [{ group: 1, weight: 10 }] }]);
    expect(plans.find(([peer, p]) => peer === child && p.part === part)?.[1]).toMatchObject({
      ...{ parent: root, children: [], waitMs: 0 },
    });
  }
});

test('GR3 SH2: a version holds the work of the groups that its roots name', () => {
  const b = committing();
  const open = b.state().open;
  expect(open?.phase).toBe('committing');
  if (open?.phase !== 'committing') return;
  expect(open.contributors.length).toBe(20);
  expect([...open.reduced.values()].every((part) => part.contributors.length === 20)).toBe(true);
});

test('GR3: a root that names groups which are not in its plan is refused; one of an earlier plan is not heard', () => {
  const b = combining();
  const [root, plan] = rootOf(b.effects, 0);
  expect(combined(b, root, 0, plan, [0, 5])).toMatchObject([{ type: 'refuse', reason: 'wrong-size' }]);
  expect(combined(b, root, 0, { ...plan, attempt: 3 })).toEqual([]);
  expect(combined(b, plan.children[0]?.peer as string, 0, plan)).toEqual([]);
});

test('GR3 RD7: when the holder of a result leaves, its group reduces again and a new plan counts on it', () => {
  const b = combining();
  const [root, plan] = rootOf(b.effects, 0);
  const child = plan.children[0]?.peer as string;
  const effects = b.feed({ type: 'left', peer: child });
  expect(rootOf(effects, 0)).toEqual([root, expect.objectContaining({ attempt: 1, children: [] })]);
  const replay = sent(effects, 'replay').find(
    ({ message }) => message.type === 'replay' && message.part === 0,
  );
  if (replay?.message.type !== 'replay') throw new Error('expected replay');
  const heir = replay.message.owner as string;
  expect(GROUPS[1]).toContain(heir);
  const again = b.partial(heir, 0);
  const [newRoot, newPlan] = rootOf(again, 0);
  expect(newPlan.attempt).toBe(2);
  expect([newRoot, newPlan.children[0]?.peer].sort()).toEqual([root, heir].sort());
});

test('GR3: useless bytes of a root begin a plan without them', () => {
  const b = combining();
  const [root, plan] = rootOf(b.effects, 0);
  const effects = b.say(root, {
    ...{ type: 'reduced', round: 1, part: 0, contributors: [], groups: [0, 1], attempt: plan.attempt },
    bytes: new Uint8Array(3),
  });
  expect(types(effects)).toEqual(['refuse', 'replay', 'replay', 'combine']);
  expect(rootOf(effects, 0)[0]).toBe(plan.children[0]?.peer);
});

test('GR3 RD9: roots that are silent are replaced at half of the time, and at its end the round is committed', () => {
  const b = combining();
  const [root, plan] = rootOf(b.effects, 0);
  for (let part = 1; part < PARTS; part++)
    combined(b, ...[rootOf(b.effects, part)].map(([p, q]) => [p, part, q] as const)[0]!);
  const again = rootOf(b.at(4_000), 0);
  expect(again[0]).toBe(plan.children[0]?.peer);
  expect(again[0]).not.toBe(root);
  b.at(8_000);
  expect(b.state().open?.phase).toBe('committing');
});

test('GR4: one copy of each update goes to a root, which hands it to its group and to the next', () => {
  const b = committing();
  const effects = commit(b);
  const hands = effects.flatMap((e) => (e.type === 'handBack' ? e.hands : []));
  expect(hands.map((hand) => hand.part)).toEqual(Array.from({ length: PARTS }, (_, part) => part));
  const commits = new Map(sent(effects, 'commit').flatMap((e) => e.to.map((peer) => [peer, e.message])));
  expect(commits.size).toBe(20);
  for (const { part, to } of hands) {
    const told = commits.get(to[0] as string);
    if (told?.type !== 'commit') throw new Error('expected commit');
    expect(GROUPS[1]).toContain(to[0]);
    expect(told.handOn).toContainEqual({ part, to: [] });
    expect(told.without).toEqual([]);
  }
});

test('GR4 RD5: a group whose result is in no part of the version is told so', () => {
  const b = combining();
  for (let part = 0; part < PARTS; part++) {
    const [root, plan] = rootOf(b.effects, part);
    combined(b, root, part, plan, part === 2 ? [0] : [0, 1]);
  }
  const commits = sent(commit(b), 'commit');
  const without = (peer: string) => {
    const message = commits.find((e) => e.to.includes(peer))?.message;
    return message?.type === 'commit' ? message.without : undefined;
  };
  expect([without('peer00'), without('peer10')]).toEqual([[], [2]]);
});

test('GR4: when one who hands updates on leaves, another of its group is given them', () => {
  const b = committing();
  const hands = commit(b).flatMap((e) => (e.type === 'handBack' ? e.hands : []));
  const { peer, to } = hands[0] as { peer: string; to: readonly string[] };
  const effects = b.feed({ type: 'left', peer });
  const again = effects.flatMap((e) => (e.type === 'handBack' ? e.hands : []));
  expect(again.length).toBe(hands.filter((hand) => hand.peer === peer).length);
  expect(again[0]).toMatchObject({ part: 0, to });
  expect(GROUPS[0]).toContain(again[0]?.peer);
  expect(again[0]?.peer).not.toBe(peer);
});

test('AG3: of several groups one has to show what it was made of; a hash of something else excludes its holder', () => {
  const lying = committing();
  const audits = sent(commit(lying), 'audit');
  const [audit] = audits;
  if (audit?.message.type !== 'audit') throw new Error('expected an audit');
  const { part } = audit.message;
  expect(GROUPS).toContainEqual(audit.to);
  const effects = audit.to.flatMap((peer) => lying.contribution(peer, part, CONTRIBUTION));
  const group = GROUPS.findIndex((peers) => peers.includes(audit.to[0] as string));
  const holder = lying.manifestOf(GROUPS[group]?.[0] as string).parts[part]?.owner;
  // The fixture's hash is not that of what the fixture's reduction gives.
  expect(effects.flatMap((e) => (e.type === 'banned' ? [e.ban.peer] : []))).toEqual([holder]);
  expect(types(effects)).not.toContain('heal');
});

test('AG3: of several groups nobody is excluded whose hash is that of what its group has made', () => {
  const b = gathering();
  const truth = (part: number) => sha256Hex(new Uint8Array(4_100).fill(10).fill(part, 0, 1));
  const effects = [0, 1].flatMap((group) =>
    Array.from({ length: PARTS }, (_, part) =>
      b.partial(b.manifestOf(GROUPS[group]?.[0] as string).parts[part]?.owner as string, part, {
        hash: truth(part),
      }),
    ).flat(),
  );
  for (let part = 0; part < PARTS; part++) {
    const [root, plan] = rootOf(effects, part);
    combined({ ...b, effects }, root, part, plan);
  }
  const [audit] = sent(commit({ ...b, effects }), 'audit');
  if (audit?.message.type !== 'audit') throw new Error('expected an audit');
  const { part } = audit.message;
  expect(audit.to.flatMap((peer) => b.contribution(peer, part, CONTRIBUTION))).toEqual([]);
  expect(b.state().audit).toBeUndefined();
});

test('GR3: a plan that is made a moment after its time waits for nobody', () => {
  const b = combining();
  const [, first] = rootOf(b.effects, 0);
  b.late(4_500);
  const effects = b.feed({ type: 'left', peer: first.children[0]?.peer as string });
  expect(plansIn(effects).every(([, { waitMs }]) => waitMs >= 0)).toBe(true);
});

test('GR4 RD5 AG6: whose group is missing from a part may carry its work, and nobody else', () => {
  const b = combining();
  for (let part = 0; part < PARTS; part++) {
    const [root, plan] = rootOf(b.effects, part);
    combined(b, root, part, plan, part === 2 ? [0] : [0, 1]);
  }
  commit(b);
  expect([...(b.state().past.at(-1)?.taken ?? [])].sort()).toEqual(GROUPS[0]);
});
