/** What a sweep is asked for, checked before anything runs. */
import { usageFailure } from '../cli/failure.ts';
import { resolveOptions } from '../cli/resolveOptions.ts';
import { withSweepSettings, type SweepOptions } from './sweepSettings.ts';
import { cellsOf, parseFactor, type Cell, type Factor, type VariedName } from './factors.ts';

export interface SweepFlags {
  /** Settings of `serve` that all configurations share, as flags give them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly vary: readonly string[];
  readonly seeds: number;
  readonly jobs: number;
  readonly out: string;
  readonly title: string | undefined;
  /** The command as it was given, for the report. */
  readonly command: string;
}

export interface Sweep {
  readonly factors: readonly Factor[];
  readonly names: readonly VariedName[];
  readonly cells: readonly Cell[];
  /** Of each cell, with its seed. */
  optionsOf(cell: Cell): SweepOptions;
}

/** What a rehearsal has no clock for. */
const DEFAULTS = { samples: '60000', innerSteps: '2', volunteers: '2', codec: 'int8' };

/** Everything that the flags say, checked before anything runs. Throws a usage failure. */
export function planSweep(request: SweepFlags, env: Readonly<Record<string, string | undefined>>): Sweep {
  if (request.vary.length === 0)
    throw usageFailure('sweep needs at least one --vary NAME=VALUE,VALUE…: for example maskRatio=0.5,0.75.');
  const factors = request.vary.map(parseFactor);
  const names = factors.flatMap((factor) => factor.names);
  const seeds = Array.from({ length: request.seeds }, (_, seed) => seed);
  const cells = cellsOf(factors, seeds);
  const optionsOf = (cell: Cell): SweepOptions => {
    const flags = { ...DEFAULTS, ...request.flags, ...cell.levels, seed: String(cell.seed) };
    return checked(withSweepSettings(resolveOptions({ flags, env, file: undefined }), flags));
  };
  cells.forEach(optionsOf);
  return { factors, names, cells, optionsOf };
}

function checked(options: SweepOptions): SweepOptions {
  if (options.volunteers === 0) throw usageFailure('--volunteers must be at least 1 in a sweep.');
  if (options.target.kind !== 'samples')
    throw usageFailure('The target of a sweep is a number of --samples, so that its rows can be compared.');
  if (options.innerSteps === 'auto')
    throw usageFailure(
      '--inner-steps must be a number in a sweep: nothing is slow there that steps could follow from.',
    );
  if (options.codec === 'auto')
    throw usageFailure(
      '--codec must be named in a sweep: there are no links there that it could follow from.',
    );
  return options;
}
