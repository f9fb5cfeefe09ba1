// The kernels of the murmur backend. Pointers are byte offsets into the backend's memory; arrays start at multiples of 16.
export { product, productTurned } from './product';
export { attention, attentionGradient } from './attention';
export { gelu } from './gelu';
export { layerNorm, layerNormGradient } from './layerNorm';
export { adamw } from './adamw';
export { affine, binary, sumMiddle } from './elementwise';
