// The kernels of the murmur backend. Pointers are byte offsets into the backend's memory; arrays start at multiples of 16.
export { product, productGelu, productTurned } from './product';
export { attention, attentionGradient } from './attention';
export { gelu } from './gelu';
export { layerNorm, layerNormGradient } from './layerNorm';
export { adamw } from './adamw';
export { binary, unary } from './elementwise';
export { gatherRows, scatterRows, strided } from './movement';
export { crossEntropy, reduceRows, softmax, sumMiddle } from './reduce';
