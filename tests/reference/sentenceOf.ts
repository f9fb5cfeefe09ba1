import { z } from 'zod';

/** One sentence for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`)
      .slice(0, 3)
      .join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
