import { stepMeter } from './measureSteps.ts';

const clock = { now: () => performance.now(), pause: () => new Promise<void>((done) => setTimeout(done, 0)) };
const meter = stepMeter(new URL('/wasm/', location.origin).href, clock);

addEventListener('message', (event: MessageEvent<number>) => {
  meter
    .then((measure) => measure(event.data))
    .then((times) => postMessage({ times }))
    .catch((error: unknown) => postMessage({ error: String(error) }));
});
