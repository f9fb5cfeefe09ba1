/** The kernels that tfjs's own operations and gradients call, on float32 tensors in the linear memory. */
import * as tf from '@tensorflow/tfjs';
import type { operations } from './binary.ts';
import { binary } from './binary.ts';
import { matMul, type MatMulSpec } from './matMul.ts';
import { concatenated, padded, sliceOf, transposed } from './movement.ts';
import type { MurmurBackend } from './murmurBackend.ts';

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

/** What tfjs hands to a kernel. Which inputs and attributes there are follows from its name. */
export interface Call {
  readonly backend: MurmurBackend;
  readonly inputs: Inputs;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A result, or undefined for a case that is left to the cpu backend. */
export type GraphKernel = (call: Call) => tf.TensorInfo | undefined;

const isFloat = (info: tf.TensorInfo): boolean => info.dtype === 'float32';

function input({ inputs }: Call, name: string): tf.TensorInfo {
  const info = inputs[name];
  if (info === undefined)
    throw new Error(`murmur kernel: expected an input ${name}, received ${Object.keys(inputs)}`);
  return info;
}

/** An attribute; its type is the kernel's contract in tfjs. */
const attribute = <T>({ attrs }: Call, name: string): T => attrs[name] as T;

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function elementwise(operation: keyof typeof operations): GraphKernel {
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
  const plain = isFloat(bias) && count(bias.shape) === columns && !attribute(call, 'transposeA');
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

/** Sums over axes that lie side by side. */
const sum: GraphKernel = (call) => {
  const x = input(call, 'x');
  const given = attribute<number | number[] | undefined>(call, 'axis');
  const axes = tf.util.parseAxisParam(given ?? x.shape.map((_, axis) => axis), x.shape).sort((a, b) => a - b);
  const [first = 0, last = -1] = [axes[0], axes.at(-1)];
  if (!isFloat(x) || axes.length === 0 || last - first + 1 !== axes.length) return undefined;
  const [outer, inner] = [x.shape.slice(0, first), x.shape.slice(last + 1)];
  if (count(inner) === 1) return undefined; // sums of whole rows need more than float32 lanes one by one
  const kept = attribute<boolean | undefined>(call, 'keepDims') ? axes.map(() => 1) : [];
  const out = call.backend.output([...outer, ...kept, ...inner]);
  const sizes = [count(outer), count(x.shape.slice(first, last + 1)), count(inner)] as const;
  call.backend.kernels.sumMiddle(call.backend.pointer(x), call.backend.pointer(out), ...sizes);
  return out;
};

const identity: GraphKernel = (call) => call.backend.alias(input(call, 'x'), input(call, 'x').shape);

const cast: GraphKernel = (call) =>
  input(call, 'x').dtype === attribute(call, 'dtype') ? identity(call) : undefined;

const reshape: GraphKernel = (call) => {
  const x = input(call, 'x');
  return call.backend.alias(x, tf.util.inferFromImplicitShape(attribute(call, 'shape'), count(x.shape)));
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
  Add: elementwise('Add'),
  BatchMatMul: (call) => product(call),
  Cast: cast,
  Concat: concat,
  Fill: fill,
  Identity: identity,
  Multiply: elementwise('Multiply'),
  OnesLike: filledLike(1),
  PadV2: pad,
  Reshape: reshape,
  Slice: slice,
  Sub: elementwise('Sub'),
  Sum: sum,
  Transpose: transpose,
  ZerosLike: filledLike(0),
  _FusedMatMul: fusedProduct,
};
