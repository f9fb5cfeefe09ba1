/**
 * The part of tfjs that a page needs, in whose place its bundler puts it (`apps/client/vite.config.ts`): no layers, no model
 * converter, no data sets, and no WebGL before it is asked for.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';

export * from '@tensorflow/tfjs-core';
