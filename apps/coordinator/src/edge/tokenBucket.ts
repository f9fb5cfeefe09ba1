/** How much may come at once (`burst`) and, from then on, each second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface TokenBucket {
  readonly tokens: number;
  readonly atMs: number;
}

export const fullBucket = (rate: Rate, nowMs: number): TokenBucket => ({ tokens: rate.burst, atMs: nowMs });

const filled = (bucket: TokenBucket, rate: Rate, nowMs: number): number => {
  const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
  return Math.min(rate.burst, bucket.tokens + seconds * rate.perSecond);
};

/** Takes one token if there is one. A clock that goes back adds nothing. */
export function takeToken(bucket: TokenBucket, rate: Rate, nowMs: number): [TokenBucket, boolean] {
  const tokens = filled(bucket, rate, nowMs);
  const taken = tokens >= 1;
  return [{ tokens: taken ? tokens - 1 : tokens, atMs: Math.max(nowMs, bucket.atMs) }, taken];
}

/**
 * Takes so many tokens, also such as are not there yet, down to a debt of one burst. Gives the milliseconds until the
 * debt is paid; undefined where it would be larger: then nothing is taken.
 */
export function spend(
  bucket: TokenBucket,
  rate: Rate,
  amount: number,
  nowMs: number,
): [TokenBucket, number | undefined] {
  const atMs = Math.max(nowMs, bucket.atMs);
  const tokens = filled(bucket, rate, nowMs);
  const left = tokens - amount;
  if (left < -rate.burst) return [{ tokens, atMs }, undefined];
  return [{ tokens: left, atMs }, (Math.max(0, -left) / rate.perSecond) * 1000];
}
