/** Abramowitz and Stegun 1964, 7.1.26: erf within 1.5e-7. */
const P = 0.3275911;
const A1 = 0.254829592;
const A2 = -0.284496736;
const A3 = 1.421413741;
const A4 = -1.453152027;
const A5 = 1.061405429;
const INVERSE_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** Exact GELU `x Φ(x)` and its derivative `Φ(x) + x φ(x)`: one exponential serves both. */
export function geluLoop(x: Float32Array, y: Float32Array, derivative: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number;
    const t = 1 / (1 + P * Math.abs(value) * Math.SQRT1_2);
    const gaussian = Math.exp(-0.5 * value * value);
    const tail = 0.5 * t * (A1 + t * (A2 + t * (A3 + t * (A4 + t * A5)))) * gaussian;
    const phi = value < 0 ? tail : 1 - tail;
    y[i] = value * phi;
    derivative[i] = phi + value * gaussian * INVERSE_ROOT_TWO_PI;
  }
}
