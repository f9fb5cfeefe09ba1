/** Hands on the newest of many values, at most once per `everyMs`; the last one always arrives. */
export function latest<T>(
  everyMs: number,
  after: (ms: number, call: () => void) => void,
  use: (value: T) => void,
) {
  let waiting: { readonly value: T } | undefined;
  let resting = false;
  const wake = (): void => {
    resting = false;
    if (waiting !== undefined) pass(waiting.value);
  };
  const pass = (value: T): void => {
    waiting = undefined;
    resting = true;
    after(everyMs, wake);
    use(value);
  };
  return (value: T): void => {
    if (resting) waiting = { value };
    else pass(value);
  };
}
