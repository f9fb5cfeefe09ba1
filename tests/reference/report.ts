import type { FixtureTensor, Tolerance } from './fixture.ts';

export interface Mismatch {
  readonly field: string;
  readonly reason: string;
}

/** What a check hands in: any field computed, with its shape. */
export interface Computed {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Collects the comparisons of one fixture. */
export class Report {
  readonly mismatches: Mismatch[] = [];
  comparisons = 0;
  /** The largest used share of a tolerance above zero. */
  worstShare = 0;
  private readonly toleranceFactor: number;

  /** Inexact tolerances are taken `toleranceFactor` times. */
  constructor(toleranceFactor = 1) {
    this.toleranceFactor = toleranceFactor;
  }

  /** Compares every element by the fixtures' rule. */
  close(field: string, got: Computed, expected: FixtureTensor, tol: Tolerance): void {
    this.comparisons++;
    if (got.shape.join() !== expected.shape.join()) {
      return this.fail(field, `expected shape [${expected.shape}], received [${got.shape}]`);
    }
    const largest = expected.data.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    const limit = this.toleranceFactor * (tol.abs + tol.rel_to_max * largest);
    let worst = { index: -1, error: 0 };
    expected.data.forEach((value, index) => {
      const difference = Math.abs((got.data[index] ?? NaN) - value);
      const error = Number.isNaN(difference) ? Infinity : difference;
      if (error > worst.error) worst = { index, error };
    });
    if (limit > 0) this.worstShare = Math.max(this.worstShare, worst.error / limit);
    if (worst.error > limit) {
      const values = `expected ${expected.data[worst.index]}, received ${got.data[worst.index]}`;
      this.fail(field, `element ${worst.index}: ${values}, tolerance ${limit.toExponential(2)}`);
    }
  }

  /** Compares two things that must be the same. */
  same(field: string, got: string | number, expected: string | number): void {
    this.comparisons++;
    if (got !== expected) this.fail(field, `expected ${expected}, received ${got}`);
  }

  private fail(field: string, reason: string): void {
    this.mismatches.push({ field, reason });
  }
}
