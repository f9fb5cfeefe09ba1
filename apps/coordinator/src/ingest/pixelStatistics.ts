/** Mean and standard deviation per channel, of pixels scaled to [0, 1]. */
export interface ChannelStatistics {
  readonly mean: number[];
  readonly std: number[];
}

/** Gathers exact integer sums per channel, so the order of the pictures does not matter. */
export class PixelStatistics {
  private readonly channels: number;
  /** How often each value occurs: [channels][256]. */
  private readonly histograms: Float64Array[];

  constructor(channels: number) {
    this.channels = channels;
    this.histograms = Array.from({ length: channels }, () => new Float64Array(256));
  }

  /** `pixels`: uint8 [..., channels]. */
  add(pixels: Uint8Array): void {
    for (let c = 0; c < this.channels; c++) {
      const histogram = this.histograms[c] as Float64Array;
      for (let i = c; i < pixels.length; i += this.channels) histogram[pixels[i] as number]! += 1;
    }
  }

  /** A channel that never varies gets a deviation of 1, since it is divided by. */
  result(): ChannelStatistics {
    const moments = this.histograms.map((histogram) => {
      const count = histogram.reduce((sum, n) => sum + n, 0);
      const mean = histogram.reduce((sum, n, value) => sum + n * value, 0) / count;
      const variance =
        histogram.reduce((sum, n, value) => sum + n * (value - mean) * (value - mean), 0) / count;
      return { mean: mean / 255, std: variance > 0 ? Math.sqrt(variance) / 255 : 1 };
    });
    return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
  }
}
