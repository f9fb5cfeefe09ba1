import { subtractUpdate } from '@murmur/core/aggregate/commitUpdate';
import type { Codec } from '@murmur/core/codec/codec';
import { encodeParts, reducePart } from '@murmur/core/engine/contribution';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { norm } from '@murmur/core/aggregate/norm';
import { fold, key, normal } from '@murmur/core/random/key';
import type { RoundManifest } from '@murmur/core/protocol/round';
import { versionName } from '@murmur/core/version/name';
import type { EnginePort } from '@murmur/core/volunteer/ports';
import { NO_COMPUTE } from '@murmur/core/volunteer/view';

type Updates = readonly (Uint8Array | null)[];

/** The versions of a run. All volunteers of this process share them: each would compute the same bytes. */
export interface Versions {
  apply(manifest: RoundManifest, updates: Updates): string;
}

export function createVersions(codec: Codec, first: Float32Array): Versions {
  const params = new Map([[versionName(first), first]]);
  const applied = new Map<string, string>();
  return {
    apply(manifest, updates) {
      const id = [manifest.base, ...updates.map((bytes) => (bytes ? sha256Hex(bytes) : '-'))].join(' ');
      const known = applied.get(id);
      if (known !== undefined) return known;
      const next = params.get(manifest.base)?.slice();
      if (!next) throw new Error(`expected to know the version ${manifest.base}`);
      manifest.parts.forEach(({ start, end }, i) => {
        const bytes = updates[i];
        const decoded = bytes ? codec.decode(bytes, end - start) : undefined;
        if (decoded?.kind === 'decoded') subtractUpdate(next, decoded.values, start);
      });
      const name = versionName(next);
      params.set(name, next);
      applied.set(id, name);
      return name;
    },
  };
}

export interface SyntheticOptions {
  readonly codec: Codec;
  readonly parameters: number;
  readonly schemaHash: string;
  /** Of its pseudo-gradient. */
  readonly seed: number;
  readonly versions: Versions;
  /** Resolves when its links are open: real training gives them the time, and what is relayed for want of it is not measured. */
  meshed(): Promise<void>;
}

/** An engine that trains nothing: a normal vector stands for its pseudo-gradient. It encodes, checks and averages like a real one. */
export function syntheticEngine({
  codec,
  parameters,
  schemaHash,
  seed,
  versions,
  meshed,
}: SyntheticOptions): EnginePort {
  const gradient = normal(fold(key(seed), 'pseudo-gradient'), parameters);
  const length = norm(gradient);
  return {
    watch: ({ onCompute }) => onCompute({ ...NO_COMPUTE, workers: 1, wantedWorkers: 1 }),
    prepare: async () => ({ schemaHash, device: 'synthetic' }),
    load: async () => ({ kind: 'loaded' }),
    addShard: async () => true,
    missingShards: async () => [],
    cancel: async () => undefined,
    async train({ parts, minSteps, batchSize }) {
      await meshed();
      const sent = encodeParts(gradient, parts, codec);
      const amount = { samples: minSteps * batchSize, steps: minSteps, loss: 1, norm: length, trainMs: 1 };
      return { kind: 'trained', ...amount, ...sent };
    },
    reduce: async ({ rule }, length, part, contributions) =>
      reducePart({ codec, rule }, length, part, contributions),
    settle: async () => undefined,
    apply: async (manifest, updates) => ({ version: versions.apply(manifest, updates) }),
    preview: async () => undefined,
    dispose: async () => undefined,
    setThrottle: () => undefined,
    setWorkers: () => undefined,
  };
}
