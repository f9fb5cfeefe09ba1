// Runs a TypeScript entry of this checkout with everything after it as arguments: node scripts/run.mjs FILE [ARG…]
import { run } from './bootstrap.mjs';

const [entry, ...args] = process.argv.slice(2);
await run(entry, args);
