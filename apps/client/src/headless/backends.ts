/** What Node can compute with, from the most wanted down. */
export const NODE_BACKENDS = ['murmur', 'wasm', 'cpu'];
