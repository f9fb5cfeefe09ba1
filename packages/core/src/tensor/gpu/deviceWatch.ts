/** What a GPU backend knows of its device, beside what the tensor library asks of it. */
export interface DeviceWatch {
  /** Whether the "GPU" is a program on the CPU. */
  readonly software: boolean;
  /** Why the device was lost, a sentence; cheap to ask. */
  loss(): string | undefined;
  /** Like `loss`, and asks the driver for errors that it told nobody: waits for it. */
  errors(): string | undefined;
}

export const OUT_OF_MEMORY =
  'the GPU ran out of memory: a smaller batch or model, or fewer other pages, may fit';

/** Whether a renderer's name is that of a rasteriser on the CPU: SwiftShader, Mesa's llvmpipe and softpipe, Microsoft's WARP. */
export const isSoftware = (renderer: string): boolean =>
  /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|\bwarp\b/i.test(renderer);
