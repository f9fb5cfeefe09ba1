import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { HAS_RUN, NO_RUN, repeatedRound, type RunStore, type StoredRun } from './runStore.ts';

/** A run store without a disk, for tests. Keeps copies, as a real one does. */
export function memoryRunStore(): RunStore {
  let stored: StoredRun | undefined;
  const current = (): StoredRun => {
    if (!stored) throw new Error(NO_RUN);
    return stored;
  };
  const byRound = (scores: ScoreRecord[]): ScoreRecord[] => scores.sort((a, b) => a.round - b.round);
  return {
    load: async () => structuredClone(stored),
    async create(config, head, leases) {
      if (stored) throw new Error(HAS_RUN);
      stored = structuredClone({ config, head, leases, records: [], scores: [], bans: [] });
    },
    async commit(head, record, leases) {
      const { records, ...rest } = current();
      if (records.some((r) => r.round === record.round)) throw new Error(repeatedRound(record.round));
      stored = structuredClone({ ...rest, head, leases, records: [...records, record] });
    },
    async amend(head, record) {
      const { records, ...rest } = current();
      const amended = records.map((r) => (r.round === record.round ? record : r));
      stored = structuredClone({ ...rest, head, records: amended });
    },
    async setPhase(phase) {
      stored = { ...current(), head: { ...current().head, phase } };
    },
    async addScore(score) {
      const others = current().scores.filter((s) => s.round !== score.round);
      stored = { ...current(), scores: byRound([...others, structuredClone(score)]) };
    },
    async addBan(ban) {
      const others = current().bans.filter((b) => b.peer !== ban.peer);
      stored = { ...current(), bans: [...others, { ...ban }] };
    },
    async liftBan(peer) {
      stored = { ...current(), bans: current().bans.filter((b) => b.peer !== peer) };
    },
    close: async () => undefined,
  };
}
