export const OUT_OF_MEMORY =
  'the GPU ran out of memory: a smaller batch or model, or fewer other pages, may fit';

/** Whether a renderer's name is that of a rasteriser on the CPU: SwiftShader, Mesa's llvmpipe and softpipe, Microsoft's WARP. */
export const isSoftware = (renderer: string): boolean =>
  /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|\bwarp\b/i.test(renderer);

/** What a GPU backend knows of its device, beside what the tensor library asks of it. */
export abstract class DeviceWatch {
  /** Whether the "GPU" is a program on the CPU. */
  abstract readonly software: boolean;
  private lost: string | undefined;
  private readonly waiting = new Set<(sentence: string) => void>();

  /** Why the device was lost, a sentence; cheap to ask. */
  loss(): string | undefined {
    return this.lost;
  }

  /** Like `loss`, and asks the driver for errors that it told nobody: waits for it. */
  abstract errors(): string | undefined;

  /** Resolves, once the device is lost, to why. */
  whenLost(): Promise<string> {
    const { lost } = this;
    return lost === undefined ? new Promise((resolve) => this.waiting.add(resolve)) : Promise.resolve(lost);
  }

  /** Settles as `work` does, and rejects once the device is lost: what is read from a lost device may never come. */
  orLost<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (sentence: string) => reject(new Error(sentence));
      if (this.lost !== undefined) fail(this.lost);
      this.waiting.add(fail);
      void work.then(resolve, reject).finally(() => this.waiting.delete(fail));
    });
  }

  /** The first reason stays. */
  protected lose(sentence: string): void {
    if (this.lost !== undefined) return;
    this.lost = sentence;
    for (const tell of this.waiting) tell(sentence);
    this.waiting.clear();
  }
}
