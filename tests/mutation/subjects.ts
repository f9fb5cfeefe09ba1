/** What is mutated, and which tests must notice. */

export const subjectNames = ['ntXent', 'maeLoss', 'layerNorm', 'adamw'] as const;
export type SubjectName = (typeof subjectNames)[number];

interface MutatedFile {
  readonly path: string;
  /** Of these functions only, where the file has others. */
  readonly functions?: readonly string[];
}

export interface Subject {
  readonly files: readonly MutatedFile[];
  readonly tests: readonly string[];
}

const CORE = 'packages/core/src';
export const KERNELS = 'packages/core/kernels';

/** The variants of a fused operation, and those of them that the tests beside them hold against each other. */
const variantsOf = (name: string): MutatedFile[] =>
  ['loops', 'composed', 'fused'].map((variant) => ({ path: `${CORE}/tensor/${variant}/${name}.ts` }));

export const subjects: Readonly<Record<SubjectName, Subject>> = {
  ntXent: {
    files: [{ path: `${CORE}/nn/ntXent.ts` }],
    tests: [`${CORE}/nn/ntXent.test.ts`],
  },
  maeLoss: {
    files: [
      { path: `${CORE}/nn/maskedPatchLoss.ts` },
      { path: `${CORE}/models/maeInputs.ts`, functions: ['targetOf', 'patchStatistics'] },
      ...variantsOf('maskedPatchLoss'),
    ],
    tests: [
      `${CORE}/models/maeInputs.test.ts`,
      `${CORE}/nn/maskedPatchLoss.test.ts`,
      `${CORE}/tensor/composed/composed.test.ts`,
      `${CORE}/objectives/mae.test.ts`,
    ],
  },
  layerNorm: {
    files: [
      { path: `${CORE}/nn/layerNorm.ts` },
      ...variantsOf('layerNorm'),
      { path: `${KERNELS}/layerNorm.ts` },
    ],
    tests: [`${CORE}/tensor/fused/fused.test.ts`, `${CORE}/tensor/composed/composed.test.ts`],
  },
  adamw: {
    files: [{ path: `${CORE}/optim/adamw.ts` }, ...variantsOf('adamw'), { path: `${KERNELS}/adamw.ts` }],
    tests: [
      `${CORE}/optim/optim.test.ts`,
      `${CORE}/tensor/fused/adamw.test.ts`,
      `${CORE}/tensor/composed/composed.test.ts`,
    ],
  },
};

/** Changes that change nothing that anybody can see, each with the reason. */
export const equivalents: readonly {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}[] = [
  {
    file: 'kernels/layerNorm.ts',
    from: 'i < blocked',
    to: 'i > blocked',
    why: 'The loop over lanes is left out, and the loop over the rest, which goes on where that ended, does it all.',
  },
  {
    file: 'kernels/adamw.ts',
    from: 'i + 16',
    to: 'i - 16',
    why: 'As above: 0 - 16 is beyond every array, as pointers have no sign.',
  },
];
