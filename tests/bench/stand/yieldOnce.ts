/** A message to oneself: timers of a browser are clamped to 4 ms, a message is not. */
export const yieldOnce = (): Promise<void> =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(undefined);
  });
