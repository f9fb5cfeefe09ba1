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

/** Takes one token if there is one. A clock that goes back adds nothing. */
export function takeToken(bucket: TokenBucket, rate: Rate, nowMs: number): [TokenBucket, boolean] {
  const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
  const tokens = Math.min(rate.burst, bucket.tokens + seconds * rate.perSecond);
  const taken = tokens >= 1;
  return [{ tokens: taken ? tokens - 1 : tokens, atMs: Math.max(nowMs, bucket.atMs) }, taken];
}
