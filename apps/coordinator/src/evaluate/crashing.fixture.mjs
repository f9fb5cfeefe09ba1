// A stand-in for the learning thread: answers, fails, dies or says nothing, as the number of parameters asks.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ params }) => {
  if (params.length === 1) process.exit(3);
  if (params.length === 2) throw new Error('out of memory');
  if (params.length === 3) return;
  if (params.length === 4) parentPort.postMessage({ type: 'failed', sentence: 'It diverged.' });
  else parentPort.postMessage({ type: 'scored', score: { knn: params[0] }, seconds: 0 });
});
