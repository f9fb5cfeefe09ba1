import { commitUpdate, type OuterState } from '@murmur/core/aggregate/commitUpdate';
import type { OuterOptions } from '@murmur/core/aggregate/outerStep';
import type { Codec } from '@murmur/core/codec/codec';
import { needUpdateCodec } from '@murmur/core/engine/contribution';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { Part, RoundManifest } from '@murmur/core/protocol/round';
import type { ReducedPart } from '@murmur/core/round/state';
import type { ParamSchema } from '@murmur/core/tensor/params';
import { versionName } from '@murmur/core/version/name';
import { readSafetensors, writeSafetensors } from '@murmur/core/version/safetensors';
import { readSnapshot, writeSnapshot } from '@murmur/core/version/snapshot';
import { bytesToFloat32 } from '@murmur/core/hash/sha256';
import type { BlobStore } from '../store/blobStore.ts';

export const snapshotBlob = (version: string): string => `${version}.safetensors`;
const outerBlob = (version: string): string => `outer-${version}.safetensors`;

/** Versions besides the scored ones that stay on disk: volunteers may still be fetching them. */
const KEPT_VERSIONS = 3;

export interface CommittedVersion {
  readonly version: string;
  readonly updates: readonly (Uint8Array | null)[];
  readonly hashes: readonly (string | null)[];
}

/** What a lie about a part has left out of the version, from `start` on. */
interface Wound {
  readonly start: number;
  readonly missing: Float32Array;
}

export interface MadeVersion extends CommittedVersion {
  readonly state: OuterState;
  /** What it makes good for. */
  readonly healed: readonly Wound[];
}

/** Makes versions (VS1) and keeps them on disk with what the outer optimiser carries from one to the next. */
export interface VersionKeeper {
  params(): Float32Array;
  /** Makes, names and stores the next version; it becomes the base of the one after by `adopt`. */
  make(
    round: Pick<RoundManifest, 'parts' | 'codec'>,
    reduced: ReadonlyMap<number, ReducedPart>,
  ): Promise<MadeVersion>;
  adopt(made: MadeVersion): void;
  /**
   * Makes good for a part that was made of a lie: what the truth would have changed instead is added to the residual, and so
   * to the next update. Durable with the next version.
   */
  heal(part: Part, told: { codec: string; lie: Uint8Array; truth: Uint8Array | undefined }): void;
  /** Deletes what is neither pinned nor one of the last versions. */
  prune(): Promise<void>;
  /** Keeps this version for good. */
  pin(version: string): void;
}

export interface KeeperOptions {
  readonly schema: ParamSchema;
  readonly outer: OuterOptions;
  readonly blobs: BlobStore;
}

/** Stores version zero. */
export async function storeFirstVersion(options: KeeperOptions, params: Float32Array): Promise<string> {
  const version = versionName(params);
  await options.blobs.put(snapshotBlob(version), writeSnapshot(options.schema, params));
  return version;
}

/** Opens the keeper at a stored version. Rejects with a sentence when its files are missing or damaged. */
export async function openVersionKeeper(
  options: KeeperOptions,
  at: { version: string; pinned: readonly string[] },
): Promise<VersionKeeper> {
  const { schema, outer, blobs } = options;
  let state = await loadState(options, at.version);
  const pinned = new Set([at.version, ...at.pinned]);
  let recent = [at.version];
  let wounds: readonly Wound[] = [];
  await forgetOthers(blobs, pinned);

  return {
    params: () => state.params,
    pin: (version) => void pinned.add(version),
    async make({ parts, codec: id }, reduced) {
      const codec = needUpdateCodec(id);
      const means = parts.map(({ start, end }, i) => decode(codec, reduced.get(i)?.bytes, end - start));
      const healed = wounds;
      const healthy = healed.reduce((sick, wound) => makeGood(sick, wound, outer), state);
      const made = commitUpdate(healthy, parts, means, { codec, outer });
      const version = versionName(made.state.params);
      await blobs.put(outerBlob(version), writeOuter(made.state));
      await blobs.put(snapshotBlob(version), writeSnapshot(schema, made.state.params));
      return {
        version,
        state: made.state,
        healed,
        updates: made.updates,
        hashes: made.updates.map((u) => u && sha256Hex(u)),
      };
    },
    adopt(made) {
      state = made.state;
      wounds = wounds.filter((wound) => !made.healed.includes(wound));
      // A round may end where it began, and a version then comes twice.
      recent = [...recent.filter((version) => version !== made.version), made.version];
    },
    heal({ start, end }, { codec: id, lie, truth }) {
      const codec = needUpdateCodec(id);
      const told = decode(codec, lie, end - start);
      const right = decode(codec, truth, end - start);
      const missing = Float32Array.from(
        { length: end - start },
        (_, i) => (right?.[i] ?? 0) - (told?.[i] ?? 0),
      );
      wounds = [...wounds, { start, missing }];
    },
    async prune() {
      for (const version of recent.slice(0, -KEPT_VERSIONS)) {
        await blobs.delete(outerBlob(version));
        if (!pinned.has(version)) await blobs.delete(snapshotBlob(version));
        recent = recent.filter((kept) => kept !== version);
      }
    },
  };
}

/** Files of versions that an earlier start kept only because they were recent, or never committed. */
async function forgetOthers(blobs: BlobStore, kept: ReadonlySet<string>): Promise<void> {
  const wanted = new Set([...kept].flatMap((version) => [snapshotBlob(version), outerBlob(version)]));
  for (const name of await blobs.list()) if (!wanted.has(name)) await blobs.delete(name);
}

/** The residual goes into the next update, and the momentum is what it would be without the lie but for its last decay. */
function makeGood(state: OuterState, { start, missing }: Wound, outer: OuterOptions): OuterState {
  const momentum = state.momentum.slice();
  const residual = state.residual.slice();
  missing.forEach((value, i) => {
    momentum[start + i] = (momentum[start + i] as number) + (outer.momentum && value);
    const step = outer.learningRate * (1 + outer.momentum) * value;
    residual[start + i] = (residual[start + i] as number) + step;
  });
  return { ...state, momentum, residual };
}

/** Values that the codec refuses are left out like a part that nobody reduced (AG1). */
function decode(codec: Codec, bytes: Uint8Array | undefined, length: number): Float32Array | null {
  const decoded = bytes && codec.decode(bytes, length);
  return decoded?.kind === 'decoded' ? decoded.values : null;
}

async function loadState({ schema, blobs }: KeeperOptions, version: string): Promise<OuterState> {
  const file = await blobs.get(snapshotBlob(version));
  if (!file)
    throw new Error(
      `Version ${version.slice(0, 12)} is missing from the run folder. Start over with --fresh.`,
    );
  const snapshot = readSnapshot(schema, file, version);
  if (snapshot.kind === 'failed') throw new Error(`${snapshot.sentence} Start over with --fresh.`);
  const outer = await readOuter(await blobs.get(outerBlob(version)), snapshot.params.length);
  return { params: snapshot.params, ...outer };
}

function writeOuter({ momentum, residual }: OuterState): Uint8Array {
  const shape = [momentum.length];
  return writeSafetensors(
    [
      { name: 'momentum', shape, values: momentum },
      { name: 'residual', shape, values: residual },
    ],
    {},
  );
}

/** Without the file the outer optimiser starts from rest: less exact, never wrong. */
async function readOuter(file: Uint8Array | undefined, length: number): Promise<Omit<OuterState, 'params'>> {
  const read = file && readSafetensors(file);
  if (read?.kind !== 'read' || read.data.byteLength !== 8 * length) {
    return { momentum: new Float32Array(length), residual: new Float32Array(length) };
  }
  const values = bytesToFloat32(read.data).slice();
  return { momentum: values.slice(0, length), residual: values.slice(length) };
}
