import type { ModelSpec } from '../models/modelSpec.ts';
import { autoencoder } from './autoencoder.ts';
import { colorize } from './colorize.ts';
import { denoise } from './denoise.ts';
import { mae } from './mae.ts';
import type { Objective } from './objective.ts';
import { simclr } from './simclr.ts';
import { supervised } from './supervised.ts';

/** The objective that a specification names. */
export function objectiveOf(spec: ModelSpec): Objective {
  switch (spec.objective) {
    case 'mae':
      return mae(spec);
    case 'simclr':
      return simclr(spec);
    case 'autoencoder':
      return autoencoder(spec);
    case 'denoise':
      return denoise(spec);
    case 'colorize':
      return colorize(spec);
    case 'supervised':
      return supervised(spec);
  }
}
