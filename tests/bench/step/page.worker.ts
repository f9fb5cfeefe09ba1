import { stepMeter } from './measureSteps.ts';

/** Our backend in one of its variants, or tfjs's wasm backend. */
export type MeterChoice = 'relaxed' | 'plain' | 'wasm';

const clock = { now: () => performance.now(), pause: () => new Promise<void>((done) => setTimeout(done, 0)) };
const wasmPath = new URL('/wasm/', location.origin).href;
const meters = new Map<MeterChoice, ReturnType<typeof stepMeter>>();

function meterOf(choice: MeterChoice): ReturnType<typeof stepMeter> {
  const options =
    choice === 'wasm' ? { backend: choice, wasmPath } : { backend: 'murmur' as const, variant: choice };
  const meter = meters.get(choice) ?? stepMeter(options, clock);
  meters.set(choice, meter);
  return meter;
}

addEventListener('message', ({ data }: MessageEvent<{ choice: MeterChoice; steps: number }>) => {
  meterOf(data.choice)
    .then((measure) => measure(data.steps))
    .then((times) => postMessage({ times }))
    .catch((error: unknown) => postMessage({ error: String(error) }));
});
