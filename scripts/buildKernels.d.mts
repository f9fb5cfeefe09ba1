/** The kernels whose sources lie in the folder, compiled with the further flags of asc, as base64. */
export function compileKernels(sources: string, flags: readonly string[]): Promise<string>;
/** Leaves the generated module as the kernels' sources say. */
export function buildKernels(): Promise<void>;
