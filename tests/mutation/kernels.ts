import { cpSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compileKernels } from '../../scripts/buildKernels.mjs';
import { ROOT } from '../support/jsonProcess.ts';
import { withScratch } from './scratch.ts';
import { KERNELS } from './subjects.ts';

const SITE = '@external("env", "murmurSite")\nexport declare function murmurSite(ordinal: i32): bool;\n';
/** Optimised kernels have the same signs and take four times as long to compile. */
const FLAGS = ['-O0'];

export const isKernel = (file: string): boolean => dirname(file) === KERNELS;

/** The kernels with all their mutants, compiled from a copy of their folder; base64. */
export function mutatedKernels(texts: ReadonlyMap<string, string>): Promise<string> {
  return withScratch((folder) => {
    cpSync(join(ROOT, KERNELS), folder, { recursive: true });
    writeFileSync(join(folder, 'site.ts'), SITE);
    for (const [file, text] of texts) {
      if (isKernel(file))
        writeFileSync(join(folder, basename(file)), `import { murmurSite } from './site';\n${text}`);
    }
    return compileKernels(folder, FLAGS);
  });
}
