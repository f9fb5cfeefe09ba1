import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const page = (file: string): string => resolve(import.meta.dirname, file);

/** Two pages, one worker format; everything they need is emitted beside them, so they work without internet. */
export default defineConfig({
  root: import.meta.dirname,
  appType: 'mpa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Of the tensor library only what a page needs; its GPU backends come when they are asked for.
  resolve: { alias: [{ find: /^@tensorflow\/tfjs$/, replacement: '@murmur/core/tensor/tfjs' }] },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // The tensor library is one large chunk in the worker; no page waits for it.
    chunkSizeWarningLimit: 4096,
    rolldownOptions: { input: { index: page('index.html'), operator: page('operator.html') } },
  },
});
