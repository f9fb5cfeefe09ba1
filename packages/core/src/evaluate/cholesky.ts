/** Symmetric positive definite systems, row-major in double precision (Golub and Van Loan 2013, §4.2). */

/**
 * Overwrites the lower triangle of `matrix` [D, D] with L, where L·Lᵀ is the matrix. Reads only the lower triangle.
 * Throws when the matrix is not positive definite.
 */
export function factoriseInPlace(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] as number;
      for (let a = i * size, b = j * size, end = a + j; a < end; a++, b++) {
        sum -= (matrix[a] as number) * (matrix[b] as number);
      }
      if (j < i) matrix[i * size + j] = sum / (matrix[j * size + j] as number);
      else if (sum > 0) matrix[i * size + i] = Math.sqrt(sum);
      else throw new Error(`factoriseInPlace: expected a positive definite matrix, pivot ${i} is ${sum}`);
    }
  }
}

/** Overwrites `vector` [D] with the solution x of L·Lᵀ·x = vector. */
export function solveInPlace(factor: Float64Array, vector: Float64Array): void {
  const size = vector.length;
  for (let i = 0; i < size; i++) {
    let sum = vector[i] as number;
    for (let j = 0; j < i; j++) sum -= (factor[i * size + j] as number) * (vector[j] as number);
    vector[i] = sum / (factor[i * size + i] as number);
  }
  // Column by column of Lᵀ, which are rows of L: contiguous.
  for (let i = size - 1; i >= 0; i--) {
    const x = (vector[i] as number) / (factor[i * size + i] as number);
    vector[i] = x;
    for (let j = 0; j < i; j++) vector[j] = (vector[j] as number) - x * (factor[i * size + j] as number);
  }
}
