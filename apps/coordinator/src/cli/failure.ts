export const EXIT = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** Ends the command with one sentence for a person. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(sentence: string, exitCode: number = EXIT.failure, options?: ErrorOptions) {
    super(sentence, options);
    this.exitCode = exitCode;
  }
}

/** What was asked for cannot be meant. */
export const usageFailure = (sentence: string): Failure => new Failure(sentence, EXIT.usage);

export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
