/** What `bench -- engine` prints: each part is there when it was run, `null` where the machine has not what it needs. */
import type { Direction, StepTask } from '../stand/task.ts';
import type { Place } from './places.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly platform: string;
  readonly node: string;
  readonly chromium: string | null;
  readonly torch: string | null;
  /** Files of the BLAS that PyTorch loaded. */
  readonly blas: readonly string[] | null;
}

/** Medians over rounds of what one contender reached divided by what the other did in the same round. */
export interface Ratios {
  readonly chromiumRelaxedToTorch: number | null;
  readonly nodePlainToTorch: number | null;
  readonly chromiumPlainToTorch: number | null;
  readonly chromiumToTfjsWasm: number | null;
  readonly twoWorkersToOne: number | null;
}

export interface Rates {
  readonly task: StepTask;
  readonly unit: 'samples/s';
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly median: Readonly<Record<string, number | null>>;
  readonly all: Readonly<Record<string, readonly number[]>>;
}

export interface AttentionTimes {
  /** Forward and backward. */
  readonly oursMs: number | null;
  readonly tfjsWasmMs: number | null;
  /** How many times ours is as fast. */
  readonly ratio: number | null;
  readonly rounds: number;
}

/** GFLOP/s by transposition. */
type ByTransposition = Readonly<Record<string, number>>;

export interface ProductSummary {
  readonly murmur: ByTransposition;
  readonly tfjsWasm: ByTransposition;
  /** The slowest transposition's time over the fastest one's, both ours. */
  readonly spread: number;
  /** Our slowest transposition's speed over that of XNNPACK's a·b. */
  readonly toXnnpack: number;
}

/** Medians; other work on the machine shows in them, and least in the fastest samples. */
export interface ProductRates extends ProductSummary {
  readonly fastest: ProductSummary;
  readonly rounds: number;
}

export interface OperationTimes {
  readonly forwardMs: number | null;
  /** Null where there is none. */
  readonly backwardMs: number | null;
}

export type OperationColumn = Place | 'torch';
export type OperationVisit = `${OperationColumn} ${Direction}`;

export interface OperationRow {
  readonly times: Readonly<Partial<Record<OperationColumn, OperationTimes>>>;
  /** How many times Chromium with relaxed SIMD is as fast as PyTorch, forward and backward. */
  readonly relaxedToTorch: number | null;
}

export type StepColumn = Place | 'torch' | 'tfjsWasmByHand';

export interface StepRow {
  readonly batch: number;
  /** samples/s. */
  readonly rates: Readonly<Partial<Record<StepColumn, number | null>>>;
  readonly relaxedToTorch: number | null;
}

interface Table<Row> {
  readonly rounds: number;
  readonly unit: string;
  readonly rows: Readonly<Record<string, Row>>;
}

export interface EngineParts {
  readonly ratios?: Ratios;
  readonly rates?: Rates;
  readonly attention?: Readonly<Record<string, AttentionTimes>> | null;
  readonly products?: Readonly<Record<string, ProductRates>> | null;
  readonly operations?: Table<OperationRow>;
  readonly steps?: Table<StepRow>;
}

export interface EngineResult extends EngineParts {
  readonly bench: 'engine';
  readonly machine: Machine;
}
