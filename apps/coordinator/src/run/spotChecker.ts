import { needCodec } from '@murmur/core/engine/contribution';
import type { Stint } from '@murmur/core/engine/recompute';
import { recalledRounds } from '@murmur/core/round/past';
import type { RoundEvent, SpotCheck } from '@murmur/core/round/state';
import { likenessOf } from '@murmur/core/round/verdict';
import type { Noticeboard } from './noticeboard.ts';
import type { RunOptions } from './options.ts';
import { sentenceOf } from './scores.ts';

interface Version {
  readonly version: string;
  readonly params: Float32Array;
}

/** Carries out spot checks (AG6), and keeps the versions that they begin from. */
export interface SpotChecker {
  /** A version that rounds may begin from. Keeps the vector, which must not change. */
  remember(version: Version): void;
  /** Never rejects: what cannot be done is no judgement. */
  check(check: SpotCheck): Promise<Extract<RoundEvent, { type: 'recomputed' }>>;
}

export function createSpotChecker(
  { recompute, rules }: Pick<RunOptions, 'recompute' | 'rules'>,
  first: Version,
  board: Pick<Noticeboard, 'show'>,
): SpotChecker {
  /** One more than rounds: of the last of them both ends are here. */
  const most = recalledRounds(rules) + 1;
  let versions: readonly Version[] = [first];
  let told = '';
  const baseOf = (name: string): Float32Array | undefined =>
    versions.find(({ version }) => version === name)?.params;

  /** Once, until it is something else: a machine that is too slow is so every time. */
  function tell(why: string): void {
    if (why !== told) board.show('info', `What a volunteer trained could not be checked: ${why}`);
    told = why;
  }

  async function likeness({ peer, part: index, bytes, stints }: SpotCheck) {
    const { parts, codec } = stints.at(-1)?.manifest ?? { parts: [], codec: '' };
    const part = parts[index];
    const known = stints.flatMap(({ manifest, samples }): Stint[] => {
      const base = baseOf(manifest.base);
      const { leases, workers } = manifest.members.find((member) => member.peer === peer) ?? {};
      return base && leases && workers ? [{ manifest, leases, workers, samples, base }] : [];
    });
    if (!recompute || !part || known.length < stints.length) return undefined;
    const sent = needCodec(codec).decode(bytes, part.end - part.start);
    if (sent.kind === 'refused') return undefined;
    return likenessOf(sent.values, await recompute(known, part));
  }

  return {
    remember(version) {
      versions = [...versions.filter((known) => known.version !== version.version), version].slice(-most);
    },
    async check(check) {
      const round = check.stints.at(-1)?.manifest.round ?? 0;
      const found = await likeness(check).catch((cause: unknown) => {
        tell(sentenceOf(cause));
        return undefined;
      });
      return { type: 'recomputed', round, peer: check.peer, likeness: found };
    },
  };
}
