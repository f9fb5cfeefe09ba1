/** What keeps each row of the tables from being faster; written by hand, by the names of the rows. */
export const limits: Readonly<Record<string, string>> = {
  chromiumRelaxedToTorch:
    'SIMD of 128 bits, where PyTorch’s BLAS has 256 or 512; 16 registers; one call of tfjs’s engine per operation',
  nodePlainToTorch: 'as above, and a multiplication and an addition where relaxed SIMD has one instruction',
  chromiumPlainToTorch: 'as above',
  chromiumToTfjsWasm: 'tfjs: products with a transposed factor, batched products, and erf without SIMD',
  twoWorkersToOne: 'what two cores share: last-level cache, memory, and the clock under load',

  linear: 'SIMD of 128 bits; packing the second factor',
  linearGelu: 'as linear; the derivative is written beside the value',
  layerNorm: 'reading and writing memory: two passes forward, two backward',
  attention: 'exponentials, and products that are small: 17 rows do not fill tiles',
  gelu: 'the exponential and the division of erf; the derivative is written beside the value',
  crossEntropy: 'one exponential a value; the gradient is written with the loss',
  ntXent: 'the cost of a call: some twenty tfjs operations on a small matrix',
  adamw: 'memory: four arrays are read and three written; a square root and a division a value',
  gatherRows: 'memory; rows are copied one by one',
  add: 'the cost of a call',

  'MAE nano': 'products with few columns, and the cost of about 200 calls a step',
  'MAE tiny': 'four fifths matrix products; the rest attention, GELU, LayerNorm',
  'MAE small': 'matrix products: here the width of SIMD counts most',
  'SimCLR nano': 'attention over 65 tokens',
  'SimCLR tiny': 'attention over 65 tokens; making the views takes 1 ms',
  'SimCLR small': 'matrix products, and activations that no longer fit into the cache',
};
