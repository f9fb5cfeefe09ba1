import { webAssembly, type WasmMemory } from './webAssembly.ts';

const PAGE_BYTES = 65536;
/** Below lie the kernels' constants. */
const FIRST_FREE = 65536;
const SMALLEST = 64;
/** Kernels may read past the end of an array, never using what they find. */
const SLACK = 4096;
const MOST_PAGES = 65536;

function newMemory(): WasmMemory {
  const port = webAssembly();
  if (port === undefined) throw new Error('MemoryPool: expected WebAssembly, this machine has none');
  return new port.Memory({ initial: 64, maximum: MOST_PAGES });
}

/** Sizes come in classes, eight to a doubling: at most an eighth is wasted, and sizes that vary still find each other. */
export function classBytes(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = Math.max(SMALLEST, 2 ** (Math.floor(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / step) * step;
}

export interface PoolUse {
  readonly pages: number;
  /** Handed out and not given back. */
  readonly usedBytes: number;
  /** On the free lists. */
  readonly freeBytes: number;
}

/** Hands out pieces of one linear memory, in multiples of 64 bytes, and takes them back for reuse. */
export class MemoryPool {
  readonly memory = newMemory();
  private readonly free = new Map<number, number[]>();
  private next = FIRST_FREE;
  private usedBytes = 0;
  private freeBytes = 0;
  private floats = new Float32Array(this.memory.buffer);

  /** The pointer of at least `bytes` bytes, content undefined. May grow the memory, which ends all views of it. */
  allocate(bytes: number): number {
    const size = classBytes(bytes);
    const pointer = this.free.get(size)?.pop();
    this.usedBytes += size;
    if (pointer !== undefined) {
      this.freeBytes -= size;
      return pointer;
    }
    const fresh = this.next;
    this.reserve(fresh + size + SLACK);
    this.next += size;
    return fresh;
  }

  /** Takes back what `allocate(bytes)` gave. */
  release(pointer: number, bytes: number): void {
    const size = classBytes(bytes);
    this.usedBytes -= size;
    this.freeBytes += size;
    const list = this.free.get(size);
    if (list === undefined) this.free.set(size, [pointer]);
    else list.push(pointer);
  }

  /** A view of `length` float32 values; dead after the next `allocate`. */
  float32(pointer: number, length: number): Float32Array {
    if (this.floats.buffer !== this.memory.buffer) this.floats = new Float32Array(this.memory.buffer);
    return this.floats.subarray(pointer / 4, pointer / 4 + length);
  }

  use(): PoolUse {
    const pages = this.memory.buffer.byteLength / PAGE_BYTES;
    return { pages, usedBytes: this.usedBytes, freeBytes: this.freeBytes };
  }

  private reserve(end: number): void {
    const pages = this.memory.buffer.byteLength / PAGE_BYTES;
    const missing = Math.ceil(end / PAGE_BYTES) - pages;
    if (missing <= 0) return;
    const wanted = Math.max(missing, Math.min(Math.floor(pages / 4), MOST_PAGES - pages));
    try {
      this.memory.grow(wanted);
    } catch (cause) {
      throw new Error(
        `MemoryPool: expected ${wanted} more pages of 64 KiB beyond ${pages}, the machine has none left; use a smaller batch`,
        { cause },
      );
    }
  }
}
