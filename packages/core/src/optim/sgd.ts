/** Plain gradient descent: `params − learningRate · grads`, in place. Consumes `params`. */
export function sgdUpdate(params: Float32Array, grads: Float32Array, learningRate: number): void {
  for (let i = 0; i < params.length; i++)
    params[i] = (params[i] as number) - learningRate * (grads[i] as number);
}
