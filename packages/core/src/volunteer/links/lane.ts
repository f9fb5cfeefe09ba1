/** A road that takes a few frames at a time: whoever sends waits for a place, so that nothing is sent faster than taken. */
export interface Lane {
  /** Resolves once the frame has its place, which is before it has arrived; calls when it is lost after that. */
  send(frame: Uint8Array, onLost: (cause: unknown) => void): Promise<void>;
}

/** `carry` resolves once the next frame may follow, and rejects when the frame is lost. */
export function createLane(places: number, carry: (frame: Uint8Array) => Promise<void>): Lane {
  const waiting: (() => void)[] = [];
  let taken = 0;

  function free(): void {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  }

  return {
    async send(frame, onLost) {
      if (taken < places) taken++;
      else await new Promise<void>((proceed) => waiting.push(proceed));
      void carry(frame).catch(onLost).finally(free);
    },
  };
}
