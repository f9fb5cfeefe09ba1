import sharp from 'sharp';
import { expect, test } from 'vitest';
import { fitPicture } from './decodePicture.ts';
import { PictureSurvey, pictureSize } from './pictureSurvey.ts';

const encoded = (bytes: Uint8Array) => ({ kind: 'encoded', bytes }) as const;

/** A picture whose left half is red and whose right half is blue. */
const halves = (width: number, height: number) => {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  return sharp(pixels, { raw: { width, height, channels: 3 } });
};

test('EXIF rotation is applied before size and crop', async () => {
  const turned = await halves(16, 8).withMetadata({ orientation: 6 }).png().toBuffer();
  expect(await pictureSize(turned)).toEqual({ width: 8, height: 16, grey: false });
  const fitted = await fitPicture(encoded(turned), { side: 8, channels: 3, fit: 'cover' });
  if (!('pixels' in fitted)) throw new Error(fitted.reason);
  expect([...fitted.pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...fitted.pixels.subarray(-3)]).toEqual([0, 0, 255]);
});

test('what is transparent becomes white', async () => {
  const clear = sharp({
    create: { width: 8, height: 8, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
  });
  const fitted = await fitPicture(encoded(await clear.png().toBuffer()), {
    side: 8,
    channels: 3,
    fit: 'pad',
  });
  expect(fitted).toEqual({ pixels: Buffer.alloc(192, 255) });
});

test('grey pictures stay one channel, and become three among coloured ones', async () => {
  const grey = await halves(8, 8).toColourspace('b-w').png().toBuffer();
  const survey = new PictureSurvey();
  survey.add(await pictureSize(grey));
  expect(survey.extent('x')).toEqual({ count: 1, smallest: 8, largest: 8, uniform: true, channels: 1 });
  survey.add(await pictureSize(await halves(8, 8).png().toBuffer()));
  expect(survey.extent('x').channels).toBe(3);
  for (const channels of [1, 3] as const) {
    expect(await fitPicture(encoded(grey), { side: 8, channels, fit: 'pad' })).toMatchObject({
      pixels: { length: 64 * channels },
    });
  }
});

test('the centre of a wide picture is kept', async () => {
  const fitted = await fitPicture(encoded(await halves(64, 8).png().toBuffer()), {
    side: 8,
    channels: 3,
    fit: 'cover',
  });
  if (!('pixels' in fitted)) throw new Error(fitted.reason);
  expect([...fitted.pixels.subarray(0, 3), ...fitted.pixels.subarray(21, 24)]).toEqual([
    255, 0, 0, 0, 0, 255,
  ]);
});

test('a cut JPEG is refused with a reason', async () => {
  const whole = await halves(300, 300).jpeg().toBuffer();
  const fitted = await fitPicture(encoded(whole.subarray(0, whole.length / 2)), {
    side: 8,
    channels: 3,
    fit: 'cover',
  });
  expect(fitted).toEqual({ reason: expect.stringMatching(/premature end|corrupt/i) });
});
