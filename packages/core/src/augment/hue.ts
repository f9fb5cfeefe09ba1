/** Hue of a colour in sixths of a turn from red, 0 to 6; its greatest channel is `value`, its chroma above zero. */
function hueOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green - blue) / chroma + (green < blue ? 6 : 0);
  return value === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
}

/** The channel whose own hue lies `k` sixths of a turn, 0 to 12, before that of the colour. */
function channel(k: number, value: number, chroma: number): number {
  const wrapped = k >= 6 ? k - 6 : k;
  return value - chroma * Math.max(0, Math.min(wrapped, 4 - wrapped, 1));
}

/** Turns the hue of an RGB picture in place by `turns` of the colour circle; whole ones change nothing (torchvision, `adjust_hue`). */
export function adjustHue(picture: Float32Array, turns: number): void {
  const shift = 6 * (turns - Math.floor(turns));
  for (let i = 0; i < picture.length; i += 3) {
    const red = picture[i] as number;
    const green = picture[i + 1] as number;
    const blue = picture[i + 2] as number;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue; // grey has no hue
    const turned = hueOf(red, green, blue, value, chroma) + shift;
    const hue = turned >= 6 ? turned - 6 : turned;
    picture[i] = channel(hue + 5, value, chroma);
    picture[i + 1] = channel(hue + 3, value, chroma);
    picture[i + 2] = channel(hue + 1, value, chroma);
  }
}
