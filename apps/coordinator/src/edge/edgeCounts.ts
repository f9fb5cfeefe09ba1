/** What the edges turned away since the start: shown by `/api/health`. */
export interface EdgeCounts {
  malformed: number;
  rateLimited: number;
  badTokens: number;
  tooManySockets: number;
  /** Relay frames, and their bytes. */
  relayDropped: number;
  relayDroppedBytes: number;
}

export const noCounts = (): EdgeCounts => ({
  malformed: 0,
  rateLimited: 0,
  badTokens: 0,
  tooManySockets: 0,
  relayDropped: 0,
  relayDroppedBytes: 0,
});
