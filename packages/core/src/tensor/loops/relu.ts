/** `max(x, 0)` of each value, and its derivative. */
export function reluLoop(x: Float32Array, value: Float32Array, derivative: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const at = x[i] as number;
    value[i] = at < 0 ? 0 : at; // what is not a number stays so
    derivative[i] = at > 0 ? 1 : 0;
  }
}
