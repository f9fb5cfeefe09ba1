import { expect, test } from 'vitest';
import { chooseShape } from './chooseShape.ts';

const uniform = (largest: number, smallest = largest) =>
  ({ count: 9, smallest, largest, uniform: true, channels: 1 }) as const;
const mixed = (smallest: number, largest: number) =>
  ({ count: 9, smallest, largest, uniform: false, channels: 3 }) as const;

test.each([
  ['28x28 is padded', uniform(28), {}, { side: 32, patch: 4, fit: 'pad' }],
  ['32x32 stays', uniform(32), {}, { side: 32, patch: 4, fit: 'pad' }],
  ['64x64 stays', uniform(64), {}, { side: 64, patch: 8, fit: 'pad' }],
  ['40x30 is padded to a square', uniform(40, 30), {}, { side: 40, patch: 5, fit: 'pad' }],
  ['larger pictures are cropped to 64', uniform(600, 400), {}, { side: 64, patch: 8, fit: 'cover' }],
  ['mixed small sizes go to the largest', mixed(20, 45), {}, { side: 48, patch: 6, fit: 'cover' }],
  ['mixed sizes beyond 64 go to 64', mixed(20, 300), {}, { side: 64, patch: 8, fit: 'cover' }],
  ['a size asked for is given', mixed(20, 300), { imageSize: 96 }, { side: 96, patch: 12, fit: 'cover' }],
  ['28x28 asked to be 64 is enlarged', uniform(28), { imageSize: 64 }, { side: 64, patch: 8, fit: 'cover' }],
  [
    '28x28 asked to be 28 stays',
    uniform(28),
    { imageSize: 28, patch: 4 },
    { side: 28, patch: 4, fit: 'pad' },
  ],
  ['a patch asked for is given', uniform(32), { patch: 8 }, { side: 32, patch: 8, fit: 'pad' }],
] as const)('%s', (_, extent, flags, expected) => {
  expect(chooseShape(extent, flags)).toEqual({ ...expected, channels: extent.channels });
});
