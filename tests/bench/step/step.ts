/** samples/s of whole training steps in Node and in Chromium, beside PyTorch on one thread in the same run. */
import { alternate } from '../alternate.ts';
import { closePlaces, openPlaces, type Place } from '../engine/places.ts';
import { rateOf, TINY } from '../engine/ratios.ts';
import { findTorch } from '../engine/torch/torch.ts';
import type { BenchOptions } from '../options.ts';
import { chromiumStands } from '../stand/chromiumStands.ts';

const PLACES: readonly Place[] = ['nodePlain', 'chromiumRelaxed', 'chromiumPlain', 'chromiumWasm'];

/** Medians over rounds in which the contenders take turns, so that a busy machine is busy for all of them. */
export async function step({ rounds = 3, steps = 8, log }: BenchOptions): Promise<object> {
  const torch = await findTorch(log);
  const chromium = await chromiumStands(log);
  const context = { torch, chromium, gpu: false, quick: false, rounds, steps, log };
  const places = openPlaces(context, PLACES);
  const inTorch = { name: 'torch' as const, visit: async () => (await torch?.rate(TINY, steps)) ?? NaN };
  const contenders = [
    ...(torch === undefined ? [] : [inTorch]),
    ...places.map((stand) => ({ name: stand.place, visit: () => rateOf(stand, TINY, steps) })),
  ];
  const devices = new Map<string, string>();
  for (const stand of places) {
    const on = stand.place.startsWith('node')
      ? `Node ${process.versions.node}`
      : `Chromium ${chromium?.version}`;
    devices.set(stand.place, `${on}, ${(await stand.perform(TINY, 1)).device}`);
  }
  const { middle, ratio } = await alternate<Place | 'torch'>(contenders, rounds, (name, rate, round) =>
    log(`round ${round}/${rounds} ${name.padEnd(15)} ${rate.toFixed(1)} samples/s`),
  );
  await closePlaces(places);
  await chromium?.close();
  return {
    bench: 'step',
    model: 'tiny masked autoencoder, 32×32×1, patch 4, 75 % hidden',
    batch: TINY.batch,
    unit: 'samples/s',
    rounds,
    stepsPerRound: steps,
    torch: middle('torch'),
    node: middle('nodePlain'),
    chromium: middle('chromiumRelaxed'),
    chromiumPlain: middle('chromiumPlain'),
    chromiumWasm: middle('chromiumWasm'),
    ratios: {
      nodeToTorch: ratio('nodePlain', 'torch'),
      chromiumToTorch: ratio('chromiumRelaxed', 'torch'),
      nodePlainToTorch: ratio('nodePlain', 'torch'),
      chromiumRelaxedToTorch: ratio('chromiumRelaxed', 'torch'),
      chromiumPlainToTorch: ratio('chromiumPlain', 'torch'),
      chromiumRelaxedToTfjsWasm: ratio('chromiumRelaxed', 'chromiumWasm'),
    },
    on: { ...(torch && { torch: `PyTorch ${torch.version}, one thread` }), ...Object.fromEntries(devices) },
  };
}
