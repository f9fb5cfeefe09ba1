import { maeSchema, positionTables } from '@murmur/core/models/parameters';
import type { Check } from '../check.ts';
import { maeWeightsOf, POSITION_TABLES } from '../maeFixture.ts';

/** float32 rounding of sines and cosines. */
const TABLE_TOLERANCE = { abs: 1e-6, rel_to_max: 0 };

/** Names, shapes and order of the parameters, and the fixed tables beside them. */
export const maeWeights: Check = (file, report) => {
  const { config, params } = maeWeightsOf(file, false);
  const expected = Object.entries(params).filter(([name]) => !POSITION_TABLES.includes(name));
  const text = (rows: readonly (readonly [string, readonly number[]])[]) =>
    rows.map(([name, shape]) => `${name}[${shape}]`).join(' ');
  report.same(
    'names, shapes and order of trainable parameters',
    text(maeSchema(config).map(({ name, shape }) => [name, shape])),
    text(expected.map(([name, tensor]) => [name, tensor.shape])),
  );
  for (const table of positionTables(config)) {
    const tensor = params[table.name];
    if (tensor === undefined) throw new Error(`expected a table ${table.name} among its params`);
    report.close(table.name, { shape: table.shape, data: table.values }, tensor, TABLE_TOLERANCE);
  }
};
