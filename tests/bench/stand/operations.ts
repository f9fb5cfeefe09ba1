/** The operations that training is made of, in the sizes of the tiny masked autoencoder at batch 64. */
import { scaledDotProduct } from '@murmur/core/nn/attention';
import { crossEntropy } from '@murmur/core/nn/crossEntropy';
import { gatherRows } from '@murmur/core/nn/gatherRows';
import { gelu } from '@murmur/core/nn/gelu';
import { layerNorm } from '@murmur/core/nn/layerNorm';
import { linear } from '@murmur/core/nn/linear';
import { linearGelu } from '@murmur/core/nn/linearGelu';
import { ntXent } from '@murmur/core/nn/ntXent';
import { coefficientsAt, maeAdamw } from '@murmur/core/optim/adamw';
import { fold, integer, key, normal } from '@murmur/core/random/key';
import { valueAndGradients } from '@murmur/core/tensor/autodiff';
import { adamwStep } from '@murmur/core/tensor/fused/adamw';
import { add, keep, tensorOf, zerosOf, type Tensor } from '@murmur/core/tensor/ops';
import type { Direction } from './task.ts';

/** What PyTorch's twin (operations.py) is told too. */
export interface OperationSpec {
  readonly kind:
    | 'linear'
    | 'linearGelu'
    | 'layerNorm'
    | 'attention'
    | 'gelu'
    | 'crossEntropy'
    | 'ntXent'
    | 'adamw'
    | 'gatherRows'
    | 'add';
  /** linear: rows, in, out; layerNorm, gelu, crossEntropy, ntXent, add: rows, width; attention: batch, tokens, heads, channels; gatherRows: rows, width, rows picked; adamw: values. */
  readonly sizes: readonly number[];
}

export const operations: Readonly<Record<string, OperationSpec>> = {
  'linear 1088×128→512': { kind: 'linear', sizes: [1088, 128, 512] },
  'linear + GELU 1088×128→512': { kind: 'linearGelu', sizes: [1088, 128, 512] },
  'linear 4160×64→256': { kind: 'linear', sizes: [4160, 64, 256] },
  'LayerNorm 1088×128': { kind: 'layerNorm', sizes: [1088, 128] },
  'attention 64×17, 4 heads of 32': { kind: 'attention', sizes: [64, 17, 4, 32] },
  'attention 64×65, 4 heads of 16': { kind: 'attention', sizes: [64, 65, 4, 16] },
  'GELU 1088×512': { kind: 'gelu', sizes: [1088, 512] },
  'cross-entropy 1088×512': { kind: 'crossEntropy', sizes: [1088, 512] },
  'NT-Xent 128×64': { kind: 'ntXent', sizes: [128, 64] },
  'AdamW, 923,280 values': { kind: 'adamw', sizes: [923280] },
  'gather 4160 rows of 64': { kind: 'gatherRows', sizes: [1089, 64, 4160] },
  'add 1088×128': { kind: 'add', sizes: [1088, 128] },
};

interface Differentiable {
  readonly inputs: readonly Tensor[];
  readonly of: (...inputs: readonly Tensor[]) => Tensor;
  /** Of the result. */
  readonly shape: readonly number[];
}

const seed = key(7);

/** Normal values; the caller owns the tensor. */
const randomTensor = (shape: readonly number[], name = shape.join('×')): Tensor =>
  tensorOf(
    normal(
      fold(seed, name),
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

/** One input more than `of` was written for never comes: tfjs hands back what it was given. */
const unary =
  (of: (x: Tensor) => Tensor) =>
  (...[x]: readonly Tensor[]): Tensor =>
    of(x as Tensor);

const ternary =
  (of: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor) =>
  (...[x, weight, bias]: readonly Tensor[]): Tensor =>
    of(x as Tensor, weight as Tensor, bias as Tensor);

function linearOf([rows = 0, inputs = 0, outputs = 0]: readonly number[], of: typeof linear): Differentiable {
  return {
    inputs: [randomTensor([rows, inputs]), randomTensor([outputs, inputs]), randomTensor([outputs])],
    of: ternary(of),
    shape: [rows, outputs],
  };
}

function crossEntropyOf([rows = 0, classes = 0]: readonly number[]): Differentiable {
  const targets = Int32Array.from({ length: rows }, (_, i) => integer(fold(seed, i), classes));
  return {
    inputs: [randomTensor([rows, classes])],
    of: unary((logits) => crossEntropy(logits, targets)),
    shape: [],
  };
}

export function attentionOf([
  batch = 0,
  tokens = 0,
  heads = 0,
  channels = 0,
]: readonly number[]): Differentiable {
  const width = heads * channels;
  return {
    inputs: [randomTensor([batch, tokens, 3 * width])],
    of: unary((qkv) => scaledDotProduct(qkv, { heads })),
    shape: [batch, tokens, width],
  };
}

function gatherOf([rows = 0, width = 0, picked = 0]: readonly number[]): Differentiable {
  const index = Int32Array.from({ length: picked }, (_, i) => integer(fold(seed, i), rows));
  return {
    inputs: [randomTensor([rows, width])],
    of: unary((x) => gatherRows(x, index)),
    shape: [picked, width],
  };
}

function differentiableOf({ kind, sizes }: OperationSpec): Differentiable | undefined {
  const shape = sizes;
  const last = sizes.at(-1) ?? 1;
  switch (kind) {
    case 'linear':
      return linearOf(sizes, linear);
    case 'linearGelu':
      return linearOf(sizes, linearGelu);
    case 'crossEntropy':
      return crossEntropyOf(sizes);
    case 'attention':
      return attentionOf(sizes);
    case 'gatherRows':
      return gatherOf(sizes);
    case 'gelu':
      return { inputs: [randomTensor(shape)], of: unary(gelu), shape };
    case 'ntXent':
      return { inputs: [randomTensor(shape)], of: unary((z) => ntXent(z, 0.2)), shape: [] };
    case 'layerNorm':
      return {
        inputs: [randomTensor(shape), randomTensor([last]), randomTensor([last], 'bias')],
        of: ternary((x, weight, bias) => layerNorm(x, weight, bias, 1e-6)),
        shape,
      };
    case 'add':
      return {
        inputs: [randomTensor(shape), randomTensor(shape, 'other')],
        of: (...[a, b]) => add(a as Tensor, b as Tensor),
        shape,
      };
    case 'adamw':
      return undefined;
  }
}

/** A call of the function, or one that makes its gradients by all inputs too. The tensors it reads live as long as the thread. */
export function callOf({ inputs, of, shape }: Differentiable, direction: Direction): () => Tensor {
  if (direction === 'forward') return () => of(...inputs);
  const dy = randomTensor(shape, 'dy');
  return () => valueAndGradients(() => of(...inputs), inputs, dy).gradients[0] as Tensor;
}

/** AdamW over one flat vector, in place or replaced as the backend does it. */
function adamwCall(size: number): () => Tensor {
  const gradient = randomTensor([size]);
  let state: ReturnType<typeof adamwStep> = [randomTensor([size], 'start'), zerosOf([size]), zerosOf([size])];
  let step = 0;
  return () => {
    const [param, expAvg, expAvgSq] = state;
    state = adamwStep([param, gradient, expAvg, expAvgSq], coefficientsAt(++step, 1e-3, maeAdamw));
    state.forEach((tensor) => keep(tensor));
    return state[0];
  };
}

/** One call of an operation by its name, or undefined where it has no such direction. */
export function operationCall(name: string, direction: Direction): () => Tensor {
  const spec = operations[name];
  if (spec === undefined)
    throw new Error(`operationCall: expected a name of operations.ts, received ${name}`);
  const differentiable = differentiableOf(spec);
  return differentiable === undefined ? adamwCall(spec.sizes[0] ?? 0) : callOf(differentiable, direction);
}
