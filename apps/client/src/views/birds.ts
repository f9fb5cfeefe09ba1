/** A flock of starlings: points of a soft, bent cloud, the same for the same count. */
export interface Bird {
  readonly x: number;
  readonly y: number;
  /** Wing span. */
  readonly size: number;
  /** Degrees. */
  readonly turn: number;
}

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** `count` birds in a box of 400 × 160: a sunflower disc, stretched and bent along a wave, thinner at one end. */
export function flock(count: number): Bird[] {
  return Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt((i + 0.5) / count);
    const angle = i * GOLDEN_ANGLE;
    const along = radius * Math.cos(angle);
    const across = radius * Math.sin(angle) * (0.66 + 0.34 * along);
    const wave = Math.sin(along * 2.6 + 0.4);
    return {
      x: 200 + 182 * along,
      y: 80 + 52 * across - 24 * wave,
      size: 3.2 + 3.6 * (1 - Math.abs(across)) * ((i * 7) % 5 > 1 ? 1 : 0.6),
      turn: -28 * Math.cos(along * 2.6 + 0.4) + ((i * 37) % 30) - 15,
    };
  });
}
