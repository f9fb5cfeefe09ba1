// A process of its own does not inherit the loader that reads TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./crowdProcess.ts');
