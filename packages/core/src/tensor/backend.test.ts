import { afterEach, expect, test, vi } from 'vitest';
import { startBackend } from './backend.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a machine without SIMD gets the next backend down, and a sentence where it asked for ours', async () => {
  vi.stubGlobal('WebAssembly', { validate: () => false });
  await expect(startBackend({ backend: 'murmur' })).rejects.toThrow(
    'this machine has no WebAssembly with SIMD',
  );
  await expect(startBackend({ backend: 'murmur', variant: 'relaxed' })).rejects.toThrow('relaxed SIMD');
  expect(await startBackend({ wasmPath: 'nowhere/' })).toBe('cpu');
});
