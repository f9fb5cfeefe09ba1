/** The operator token of an address, `#token=…`; a fragment is never sent to a server. */
export function operatorToken(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token === null || token === '' ? undefined : token;
}
