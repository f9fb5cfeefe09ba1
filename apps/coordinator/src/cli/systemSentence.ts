/** What the usual refusals of the system mean to a person, and what to do about them. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'may not be used by this user: check its permissions, or choose another place.',
  EPERM: 'may not be used by this user: check its permissions, or choose another place.',
  EROFS: 'is on a disk that can only be read: choose another place.',
  ENOSPC: 'does not fit: the disk is full. Free some space, then run the command again.',
  EDQUOT: 'does not fit: the quota of this user is used up. Free some space, then run the command again.',
  ENOENT: 'does not exist: check the spelling.',
  ENOTDIR: 'leads through a file where a folder is needed: choose another place.',
  EEXIST: 'is there already, and is no folder: choose another place, or move it away.',
  EISDIR: 'is a folder where a file is needed: choose another place.',
  EMFILE: 'cannot be opened: too many files are open. Raise the limit (ulimit -n).',
  EIO: 'cannot be read or written: the disk reports an error.',
};

/** The code of what the file system refused, such as `ENOSPC`; undefined for any other error. */
export function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return Object.hasOwn(MEANINGS, error.code) ? error.code : undefined;
}

/** One sentence for what the file system refused; undefined for anything else. */
export function systemSentence(error: unknown): string | undefined {
  const code = refusalCode(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'What was to be written';
  return `${path} ${MEANINGS[code]}`;
}
