import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ROOT } from '../support/jsonProcess.ts';
import { allMutants } from './mutants.ts';
import { PLAN_FOLDER, readPlan } from './plan.ts';

const { kernels } = readPlan(process.env[PLAN_FOLDER] ?? '');
const { texts } = allMutants();
const GENERATED = 'packages/core/src/tensor/simd/kernels.generated.ts';

/** Without relaxed SIMD, which has the same signs, every machine runs the variant that has the mutants. */
const kernelModule = `export const plain = '${kernels}';\nexport const relaxed = '';\n`;

/** The config of the runs that `npm run mutate` starts: mutated texts take the place of the files', which stay as they are. */
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform: (_, id) => {
        const path = relative(ROOT, id.split('?')[0] ?? '');
        return path === GENERATED && kernels !== undefined ? kernelModule : texts.get(path);
      },
    },
  ],
  test: {
    include: ['packages/core/src/**/*.test.ts'],
    runner: join(ROOT, 'tests/mutation/runner.ts'),
    maxWorkers: 1,
    isolate: false, // the tensor library is loaded once
    testTimeout: 600_000,
  },
});
