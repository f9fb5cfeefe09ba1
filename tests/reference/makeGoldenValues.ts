/**
 * node scripts/run.mjs tests/reference/makeGoldenValues.ts: writes what the self-test of a backend expects, computed by tfjs's
 * cpu backend, which agrees with PyTorch on every golden file. A unit test holds the numbers against numerical differences.
 */
import { writeFileSync } from 'node:fs';
import { startBackend } from '@murmur/core/tensor/backend';
import { digestOf, goldenSchema, measureGradient } from '@murmur/core/train/goldenGradient';

const TARGET = new URL('../../packages/core/src/train/goldenValues.ts', import.meta.url);
const DIGITS = 7;

await startBackend({ backend: 'cpu' });
const { loss, gradients } = await measureGradient();
const row = goldenSchema.map((spec, i) => {
  const digest = digestOf(spec, gradients[i] ?? new Float32Array());
  return `    [${digest.map((value) => Number(value.toPrecision(DIGITS))).join(', ')}], // ${spec.name}`;
});
writeFileSync(
  TARGET,
  `// Made by tests/reference/makeGoldenValues.ts.

/** Of the gradient by one parameter: its length, and its product with that parameter's direction. */
export type GradientDigest = readonly [length: number, along: number];

/** Loss and gradient of the self-test's model, in the order of its parameters. */
export const goldenValues: { readonly loss: number; readonly gradient: readonly GradientDigest[] } = {
  loss: ${Number(loss.toPrecision(DIGITS))},
  gradient: [
${row.join('\n')}
  ],
};
`,
);
