/** The part of WebAssembly that the kernels need: the language's own library declares it only together with the DOM. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface WebAssemblyPort {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => WasmMemory;
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
}

/** WebAssembly, where this machine has it. */
export function webAssembly(): WebAssemblyPort | undefined {
  const scope: object = globalThis; // under the DOM's types the two declarations would have to agree
  const port: WebAssemblyPort | undefined = Reflect.get(scope, 'WebAssembly');
  return port;
}
