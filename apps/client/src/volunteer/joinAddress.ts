/** The join token of an address: `#join=…` (never sent to a server) or `?join=…`. */
export function joinToken(address: { hash: string; search: string }): string | undefined {
  const fromHash = new URLSearchParams(address.hash.replace(/^#/, '')).get('join');
  const token = fromHash ?? new URLSearchParams(address.search).get('join');
  return token === null || token === '' ? undefined : token;
}
