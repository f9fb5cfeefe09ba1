/** npm run rules: which tests cite each rule of docs/PROTOCOL.md. Exit code 1 when a built rule has none, or the like. */
import { checkCheckout } from './readCheckout.ts';

const { lines, unbuilt, faults } = checkCheckout();
for (const line of lines) process.stdout.write(`${line}\n`);
if (unbuilt.length > 0) process.stdout.write(`\nNot built yet, without a test: ${unbuilt.join(', ')}.\n`);
for (const fault of faults) process.stderr.write(`rules: ${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
