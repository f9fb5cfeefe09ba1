import * as tf from '@tensorflow/tfjs';
import type { Kernels, Variant } from './kernels.ts';
import type { MemoryPool } from './memoryPool.ts';

type DataId = tf.TensorInfo['dataId'];
type Values = tf.backend_util.BackendValues;
type Dtype = tf.DataType;

/** Values in the linear memory. */
interface Entry {
  readonly pointer: number;
  readonly length: number;
  readonly dtype: Dtype;
  refCount: number;
  /** Strings have no place in the linear memory. */
  readonly strings: Uint8Array[] | undefined;
}

const bytesOf = ({ length, dtype }: { length: number; dtype: Dtype }): number =>
  dtype === 'bool' ? length : 4 * length;

/** The methods that tfjs asks of a backend, over one linear memory that the kernels share. */
export class MurmurBackend extends tf.KernelBackend {
  /** Calls of kernels that this backend has not, by name; they ran on tfjs's cpu backend. */
  readonly fallbacks = new Map<string, number>();
  private readonly entries: tf.DataStorage<Entry>;
  private scratchPointer = 0;
  private scratchBytes = 0;

  constructor(
    readonly variant: Variant,
    readonly kernels: Kernels,
    readonly pool: MemoryPool,
  ) {
    super();
    this.entries = new tf.DataStorage(this, tf.engine());
  }

  override write(values: Values | null, shape: number[], dtype: Dtype): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: Values | null,
    shape: number[],
    dtype: Dtype,
    refCount: number,
  ): void {
    if (dtype === 'complex64')
      throw new Error('MurmurBackend: expected real values, received complex64; use the cpu backend');
    const length = tf.util.sizeFromShape(shape);
    if (dtype === 'string') {
      const strings = [...((values ?? []) as Uint8Array[])];
      this.entries.set(dataId, { pointer: 0, length: 0, dtype, refCount, strings });
      return;
    }
    const pointer = this.pool.allocate(bytesOf({ length, dtype }));
    const entry = { pointer, length, dtype, refCount, strings: undefined };
    this.entries.set(dataId, entry);
    if (values !== null) this.typedView(entry).set(values as tf.TypedArray);
  }

  override readSync(dataId: DataId): Values {
    const entry = this.entries.get(dataId);
    return entry.strings ?? this.typedView(entry).slice();
  }

  override read(dataId: DataId): Promise<Values> {
    return Promise.resolve(this.readSync(dataId));
  }

  /** Drops one reference, or all by `force`; whether the memory was given back. */
  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    if (entry.strings === undefined) this.pool.release(entry.pointer, bytesOf(entry));
    this.entries.delete(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.entries.has(dataId) ? this.entries.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.entries.get(dataId).refCount++;
  }

  override numDataIds(): number {
    return this.entries.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  /** A float32 result of undefined content. */
  output(shape: readonly number[]): tf.TensorInfo {
    return { dataId: this.write(null, [...shape], 'float32'), shape: [...shape], dtype: 'float32' };
  }

  /** The same values under another shape, without a copy. */
  alias({ dataId, dtype }: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape: [...shape], dtype };
  }

  /** Where the values of a float32 tensor lie. */
  pointer({ dataId, dtype }: tf.TensorInfo): number {
    if (dtype === 'float32') return this.entries.get(dataId).pointer;
    throw new Error(`MurmurBackend.pointer: expected a float32 tensor, received ${dtype}; cast it first`);
  }

  /** Where the values of a tensor lie, whatever their type. */
  anyPointer({ dataId }: tf.TensorInfo): number {
    return this.entries.get(dataId).pointer;
  }

  /** The values of a float32 tensor in place; dead after the next output. */
  view(info: tf.TensorInfo): Float32Array {
    return this.pool.float32(this.pointer(info), tf.util.sizeFromShape(info.shape));
  }

  /** Room for at least `values` float32 values until the next call. */
  scratch(values: number): number {
    if (4 * values > this.scratchBytes) {
      if (this.scratchBytes > 0) this.pool.release(this.scratchPointer, this.scratchBytes);
      this.scratchBytes = 4 * values;
      this.scratchPointer = this.pool.allocate(this.scratchBytes);
    }
    return this.scratchPointer;
  }

  /** Where a copy of `indices` lies until the next call of `scratch`. */
  scratchIndices(indices: Int32Array): number {
    const pointer = this.scratch(indices.length);
    new Int32Array(this.pool.memory.buffer, pointer, indices.length).set(indices);
    return pointer;
  }

  private typedView({ pointer, length, dtype }: Entry): Float32Array | Int32Array | Uint8Array {
    if (dtype === 'float32') return this.pool.float32(pointer, length);
    const { buffer } = this.pool.memory;
    return dtype === 'bool'
      ? new Uint8Array(buffer, pointer, length)
      : new Int32Array(buffer, pointer, length);
  }
}
