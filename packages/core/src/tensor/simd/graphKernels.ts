/** The kernels that tfjs's own operations and gradients call, on float32 tensors in the linear memory. */
import * as tf from '@tensorflow/tfjs';
import { elements } from './axes.ts';
import { binary, type binaryOperations } from './binary.ts';
import { gathered, segmentSums } from './gather.ts';
import { matMul, type MatMulSpec } from './matMul.ts';
import { concatenated, padded, sliceOf, split, transposed } from './movement.ts';
import type { MurmurBackend } from './murmurBackend.ts';
import { averaged, largest, softmax, summed, type Reduction } from './reduction.ts';
import { unary, unaryLoop, unaryLoops, type unaryOperations } from './unary.ts';

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

/** What tfjs hands to a kernel. Which inputs and attributes there are follows from its name. */
export interface Call {
  readonly backend: MurmurBackend;
  readonly inputs: Inputs;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A result, or undefined for a case that is left to the cpu backend. */
export type GraphKernel = (call: Call) => tf.TensorInfo | tf.TensorInfo[] | undefined;

const isFloat = (info: tf.TensorInfo): boolean => info.dtype === 'float32';

function input({ inputs }: Call, name: string): tf.TensorInfo {
  const info = inputs[name];
  if (info === undefined)
    throw new Error(`murmur kernel: expected an input ${name}, received ${Object.keys(inputs)}`);
  return info;
}

/** An attribute; its type is the kernel's contract in tfjs. */
const attribute = <T>({ attrs }: Call, name: string): T => attrs[name] as T;

function elementwise(operation: keyof typeof binaryOperations): GraphKernel {
  return (call) => {
    const [a, b] = [input(call, 'a'), input(call, 'b')];
    return isFloat(a) && isFloat(b) ? binary(call.backend, operation, a, b) : undefined;
  };
}

const product = (call: Call, bias?: tf.TensorInfo): tf.TensorInfo | undefined => {
  const [a, b] = [input(call, 'a'), input(call, 'b')];
  const transposeA = attribute<boolean>(call, 'transposeA');
  const spec: MatMulSpec = { a, b, transposeA, transposeB: attribute(call, 'transposeB'), bias };
  return isFloat(a) && isFloat(b) ? matMul(call.backend, spec) : undefined;
};

/** Product with a bias along the last axis; activations are left to the cpu backend. */
const fusedProduct: GraphKernel = (call) => {
  const { bias, preluActivationWeights } = call.inputs;
  const activation = attribute<string | null | undefined>(call, 'activation') ?? 'linear';
  if (activation !== 'linear' || preluActivationWeights) return undefined;
  if (!bias) return product(call);
  const columns = input(call, 'b').shape.at(attribute(call, 'transposeB') ? -2 : -1);
  const plain = isFloat(bias) && elements(bias.shape) === columns && !attribute(call, 'transposeA');
  return plain ? product(call, bias) : undefined;
};

function filled(backend: MurmurBackend, shape: readonly number[], value: number): tf.TensorInfo {
  const out = backend.output(shape);
  backend.view(out).fill(value);
  return out;
}

const filledLike =
  (value: number): GraphKernel =>
  (call) =>
    isFloat(input(call, 'x')) ? filled(call.backend, input(call, 'x').shape, value) : undefined;

const fill: GraphKernel = (call) => {
  const value = attribute<unknown>(call, 'value');
  const dtype = attribute<string | undefined>(call, 'dtype') ?? 'float32';
  return typeof value === 'number' && dtype === 'float32'
    ? filled(call.backend, attribute(call, 'shape'), value)
    : undefined;
};

const reductionOf = (call: Call, name: string): Reduction => ({
  axis: attribute<number | number[] | undefined>(call, name),
  keepDims: attribute<boolean | undefined>(call, 'keepDims') ?? false,
});

const sum: GraphKernel = (call) => {
  const x = input(call, 'x');
  return isFloat(x) ? summed(call.backend, x, reductionOf(call, 'axis')) : undefined;
};

const mean: GraphKernel = (call) => {
  const x = input(call, 'x');
  return isFloat(x) ? averaged(call.backend, x, reductionOf(call, 'axis')) : undefined;
};

const max: GraphKernel = (call) => {
  const x = input(call, 'x');
  return isFloat(x) ? largest(call.backend, x, reductionOf(call, 'reductionIndices')) : undefined;
};

const softmaxOfLast: GraphKernel = (call) => {
  const logits = input(call, 'logits');
  const [axis] = tf.util.parseAxisParam(attribute<number>(call, 'dim'), logits.shape);
  return isFloat(logits) && axis === logits.shape.length - 1 ? softmax(call.backend, logits) : undefined;
};

const elementwiseUnary =
  (operation: keyof typeof unaryOperations): GraphKernel =>
  (call) =>
    isFloat(input(call, 'x')) ? unary(call.backend, operation, input(call, 'x')) : undefined;

const elementwiseLoops = Object.fromEntries(
  Object.entries(unaryLoops).map(([name, of]): [string, GraphKernel] => [
    name,
    (call) => (isFloat(input(call, 'x')) ? unaryLoop(call.backend, of, input(call, 'x')) : undefined),
  ]),
);

/** Along the first axis, which is the only one that training gathers from. */
const gather: GraphKernel = (call) => {
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  const first = attribute<number>(call, 'axis') === 0 && !attribute<number | undefined>(call, 'batchDims');
  return first && isFloat(x) && indices.dtype === 'int32' ? gathered(call.backend, x, indices) : undefined;
};

const segmentSum: GraphKernel = (call) => {
  const [x, ids] = [input(call, 'x'), input(call, 'segmentIds')];
  return isFloat(x) && ids.dtype === 'int32' && ids.shape.length === 1
    ? segmentSums(call.backend, x, ids, attribute(call, 'numSegments'))
    : undefined;
};

const splits: GraphKernel = (call) => {
  const x = input(call, 'x');
  if (!isFloat(x)) return undefined;
  const [axis = 0] = tf.util.parseAxisParam(attribute<number>(call, 'axis'), x.shape);
  const sizes = tf.backend_util.prepareSplitSize(
    { shape: x.shape } as tf.Tensor,
    attribute(call, 'numOrSizeSplits'),
    axis,
  );
  return split(call.backend, x, sizes, axis);
};

const identity: GraphKernel = (call) => call.backend.alias(input(call, 'x'), input(call, 'x').shape);

const cast: GraphKernel = (call) =>
  input(call, 'x').dtype === attribute(call, 'dtype') ? identity(call) : undefined;

const reshape: GraphKernel = (call) => {
  const x = input(call, 'x');
  return call.backend.alias(x, tf.util.inferFromImplicitShape(attribute(call, 'shape'), elements(x.shape)));
};

const slice: GraphKernel = (call) => {
  const x = input(call, 'x');
  if (!isFloat(x)) return undefined;
  const given = [attribute<number[]>(call, 'begin'), attribute<number[]>(call, 'size')] as const;
  const [begin = [], size = []] = tf.slice_util.parseSliceParams(x, ...given);
  tf.slice_util.assertParamsValid(x, begin, size);
  return sliceOf(call.backend, x, begin, size);
};

const pad: GraphKernel = (call) => {
  const x = input(call, 'x');
  return isFloat(x)
    ? padded(
        call.backend,
        x,
        attribute(call, 'paddings'),
        attribute<number | undefined>(call, 'constantValue') ?? 0,
      )
    : undefined;
};

const concat: GraphKernel = (call) => {
  const parts = Object.values(call.inputs).filter((part) => part !== undefined);
  if (!parts.every(isFloat)) return undefined;
  const [axis = 0] = tf.util.parseAxisParam(attribute<number>(call, 'axis'), parts[0]?.shape ?? []);
  return concatenated(call.backend, parts, axis);
};

const transpose: GraphKernel = (call) =>
  isFloat(input(call, 'x')) ? transposed(call.backend, input(call, 'x'), attribute(call, 'perm')) : undefined;

/** By tfjs's names. */
export const graphKernels: Readonly<Record<string, GraphKernel>> = {
  ...elementwiseLoops,
  Add: elementwise('Add'),
  BatchMatMul: (call) => product(call),
  Cast: cast,
  Concat: concat,
  Exp: elementwiseUnary('Exp'),
  Fill: fill,
  GatherV2: gather,
  Identity: identity,
  Max: max,
  Maximum: elementwise('Maximum'),
  Mean: mean,
  Minimum: elementwise('Minimum'),
  Multiply: elementwise('Multiply'),
  Neg: elementwiseUnary('Neg'),
  OnesLike: filledLike(1),
  PadV2: pad,
  RealDiv: elementwise('RealDiv'),
  Relu: elementwiseUnary('Relu'),
  Reshape: reshape,
  Rsqrt: elementwiseUnary('Rsqrt'),
  Slice: slice,
  Softmax: softmaxOfLast,
  SplitV: splits,
  Sqrt: elementwiseUnary('Sqrt'),
  Square: elementwiseUnary('Square'),
  Sub: elementwise('Sub'),
  Sum: sum,
  Transpose: transpose,
  UnsortedSegmentSum: segmentSum,
  ZerosLike: filledLike(0),
  _FusedMatMul: fusedProduct,
};
