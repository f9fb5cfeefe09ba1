// Worker threads do not inherit the loader that lets Node import TypeScript.
import { register } from 'tsx/esm/api';
register();
await import('./seedsWorker.ts');
