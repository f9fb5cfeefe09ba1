import { fromBase64 } from './base64.ts';
import { plain, relaxed } from './kernels.generated.ts';
import { webAssembly, type WasmMemory } from './webAssembly.ts';

/** `relaxed` has the fused multiply-add of relaxed SIMD. */
export type Variant = 'relaxed' | 'plain';

type Kernel = (...args: number[]) => void;

const names = [
  'product',
  'productGelu',
  'productTurned',
  'attention',
  'attentionGradient',
  'gelu',
  'layerNorm',
  'layerNormGradient',
  'adamw',
  'binary',
  'unary',
  'gatherRows',
  'scatterRows',
  'strided',
  'crossEntropy',
  'reduceRows',
  'softmax',
  'sumMiddle',
] as const;

/** The compiled kernels; their sources in packages/core/kernels document the arguments. */
export type Kernels = Readonly<Record<(typeof names)[number], Kernel>>;

const isKernel = (value: unknown): value is Kernel => typeof value === 'function';

function kernelsOf(exported: Readonly<Record<string, unknown>>): Kernels {
  const pairs = names.map((name) => {
    const kernel = exported[name];
    if (!isKernel(kernel))
      throw new Error(`kernelsOf: expected a kernel ${name} among ${Object.keys(exported)}`);
    return [name, kernel] as const;
  });
  return Object.fromEntries(pairs) as Kernels;
}

const binaryOf = (variant: Variant): Uint8Array<ArrayBuffer> => fromBase64({ plain, relaxed }[variant]);

/** Whether this machine can run the variant: its engine says so of the very code. */
export const supports = (variant: Variant): boolean => webAssembly()?.validate(binaryOf(variant)) ?? false;

/** The kernels, working on `memory`. Throws where the machine does not support the variant. */
export async function loadKernels(variant: Variant, memory: WasmMemory): Promise<Kernels> {
  const port = webAssembly();
  if (port === undefined) throw new Error('loadKernels: expected WebAssembly, this machine has none');
  const { instance } = await port.instantiate(binaryOf(variant), {
    env: {
      memory,
      abort: () => {
        throw new Error('loadKernels: a kernel gave up, which none is written to do');
      },
    },
  });
  return kernelsOf(instance.exports);
}
