/** The data cannot be used as they are: the message is one sentence or two that say what was found and what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

const systemSentences: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: check the spelling, or name a folder or a file that is there',
  EACCES: 'may not be read or written by this user: change its permissions',
  EPERM: 'may not be read or written by this user: change its permissions',
  ENOSPC:
    'is on a disk that is full: ingest needs about the unpacked size of the data once more while it works',
  EROFS: 'is on a read-only disk: choose another folder',
  EMFILE: 'cannot be opened, since this process has too many open files: raise the limit (ulimit -n)',
  EIO: 'cannot be read: the disk reports an error',
};

const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Turns a system's error about `path` into an InputError; anything else is a bug and comes back as it was. */
export function fromSystemError(error: unknown, path: string): unknown {
  const sentence = systemSentences[errorCode(error) ?? ''];
  if (sentence === undefined || error instanceof InputError) return error;
  const named =
    error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : path;
  return new InputError(`${named} ${sentence}.`, { cause: error });
}

/** Runs `work`, naming `path` in a sentence should the system refuse it. */
export async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromSystemError(error, path);
  }
}

/** "1 picture", "2 pictures". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
