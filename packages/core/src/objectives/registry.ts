import type { ModelSpec } from '../models/modelSpec.ts';
import { mae } from './mae.ts';
import type { Objective } from './objective.ts';

type ObjectiveId = ModelSpec['objective'];

const factories: Readonly<Record<ObjectiveId, (spec: ModelSpec) => Objective>> = { mae };

/** The objective that a specification names. */
export const objectiveOf = (spec: ModelSpec): Objective => factories[spec.objective](spec);
